/** A node that cannot start or go on: its code says why, its message what to do. */
export class NodeFailure extends Error {
  override readonly name = "NodeFailure";
  readonly code: NodeErrorCode;
  constructor(code: NodeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type NodeErrorCode =
  /** A file of the node's folder is damaged. */
  | "HOME_DAMAGED"
  /** The worker that holds the contexts keeps dying. */
  | "SHARD_FAILED"
  /** No context of that id on this node. */
  | "CONTEXT_NOT_FOUND"
  /** The caller is no member that this node holds the key of. */
  | "EXECUTOR_UNKNOWN"
  /** The context's application is not installed on this node. */
  | "APPLICATION_NOT_INSTALLED"
  /** The installed application does not load. */
  | "APPLICATION_INVALID"
  /** No identity of that key on this node. */
  | "IDENTITY_UNKNOWN"
  /** The arguments are not what the request takes. */
  | "REQUEST_INVALID"
  /** The node that made the invitation could not be reached. */
  | "JOIN_UNREACHABLE"
  /** The invitation was redeemed, and the state has not arrived in time: it will when the inviting node is reached. */
  | "JOIN_PENDING"
  /** The worker was replaced while the call ran or waited for its flush: look whether its writes are there. */
  | "CALL_INTERRUPTED"
  /** The node is closing. */
  | "NODE_CLOSED";
