/** Why a server did not open: nothing is left open. */
export class ServerFailure extends Error {
  override readonly name = "ServerFailure";
  readonly code: ServerFailureCode;

  constructor(code: ServerFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type ServerFailureCode =
  /** A server may bind to loopback only. */
  | "HOST_NOT_LOOPBACK"
  /** Another process listens on the port. */
  | "PORT_TAKEN"
  /** The folder of the page is missing, or holds too much. */
  | "PAGE_INVALID"
  /** The operating system refused to listen. */
  | "LISTEN_FAILED";
