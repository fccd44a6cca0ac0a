import type { ApiErrorCode } from "@dunlin/api";

/** A node that cannot start or go on: its code, of the API's table, says why, its message what to do. */
export class NodeFailure extends Error {
  override readonly name = "NodeFailure";
  readonly code: ApiErrorCode;
  constructor(code: ApiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
