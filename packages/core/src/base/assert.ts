/** A broken invariant: a bug in this program, never a property of foreign input. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Stops loudly when `condition` does not hold. The message may be lazy, so that hot paths build no strings. */
export function assert(condition: unknown, message: string | (() => string)): asserts condition {
  if (!condition) throw new AssertionError(typeof message === "string" ? message : message());
}

/** The value, which an invariant says is there. */
export function must<T>(value: T | undefined | null, message: string): T {
  assert(value !== undefined && value !== null, message);
  return value;
}

/** For the default branch of a switch over a union: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
