/** What a run can be found guilty of. The id is stable: shrinking keeps a plan only when it fails by the same one. */
export type ViolationId =
  /** A delta was admitted, applied or told twice in one incarnation. */
  | "APPLIED_TWICE"
  /** A delta was told before one of its parents. */
  | "BEFORE_PARENT"
  /** A stamp is not above a parent's. */
  | "STAMP_NOT_ABOVE_PARENT"
  /** What was told or acknowledged is not in the store after a crash. */
  | "FLUSHED_LOST"
  /** An acknowledged call is not there, or a failed one is. */
  | "CALL_LOST"
  | "CALL_LEFT_TRACE"
  /** Part of a call is there and part of it is not. */
  | "CALL_TORN"
  /** A call that had to succeed failed, or the other way round. */
  | "CALL_OUTCOME"
  /** An honest peer was charged or cut. */
  | "HONEST_PEER_CHARGED"
  /** A delta was admitted that its member never signed. */
  | "FORGED"
  /** What a member wrote was admitted who never had the right to. */
  | "UNAUTHORISED"
  /** A traitor's stamps have moved an honest clock further than they may. */
  | "CLOCK_DRAGGED"
  /** An honest member is said to have equivocated, or a traitor is not though it did. */
  | "EQUIVOCATION"
  /** Who is a member, and as what, is not what was said. */
  | "MEMBERSHIP"
  /** What calls wrote could be read on the wire. */
  | "PLAINTEXT"
  /** Something exceeds its limit. */
  | "OVER_LIMIT"
  /** A store cannot be opened again. */
  | "STORE_DAMAGED"
  /** A state was not what its deltas make: its node has noticed beside a peer, and derived it anew. */
  | "STATE_MENDED"
  /** Healed nodes do not agree in time. */
  | "NOT_CONVERGED"
  /** Agreed nodes go on sending deltas. */
  | "NOT_QUIET"
  /** A receipt says that another has flushed what it has not. */
  | "RECEIPT_FALSE"
  /** Healed nodes have not heard of each other that they have flushed the same. */
  | "RECEIPT_LATE"
  /** A handler took effect more often than once on one node for one event. */
  | "HANDLED_TWICE"
  /** A handler never took effect that had to. */
  | "HANDLED_NEVER"
  /** A handler took effect where its policy does not have it run, or too deep in a chain of them. */
  | "HANDLED_WRONGLY"
  /** A store does not pass the audit. */
  | "AUDIT"
  /** Something threw: a broken invariant. */
  | "THROWN";

export interface Fault {
  readonly id: ViolationId;
  readonly message: string;
}

export interface Violation extends Fault {
  readonly atMs: number;
}
