/** Every failure of a call: the node's own codes, and three of the way to it. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  /** A code of docs/errors.md, or one of `ClientErrorCode`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type ClientErrorCode =
  /** Nothing answers at the address. */
  | "NODE_UNREACHABLE"
  /** What answers is no node of this kind. */
  | "NODE_INVALID"
  /** The answer did not come in time. Whether the call ran is not known. */
  | "TIMEOUT";

export function clientError(code: ClientErrorCode, message: string, cause?: unknown): ClientError {
  return new ClientError(code, message, cause === undefined ? undefined : { cause });
}
