/** Why the demonstration ends early: one line, and the exit code. */
export class DemoFailure extends Error {
  override readonly name = "DemoFailure";
  readonly exit: number;
  constructor(exit: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exit = exit;
  }
}

/** Exit codes of the demonstration. */
export const EXIT = {
  /** Everything was equal. */
  equal: 0,
  /** Something was not as it must be, or a node failed. */
  unequal: 1,
  /** The arguments or the recorded histories cannot be used. */
  input: 2,
  /** A port or folder is in use. */
  taken: 3,
  /** Stopped by the user, as a shell counts an interrupt. */
  interrupted: 130,
} as const;

export function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  return cause instanceof Error ? cause.message : String(cause);
}
