/** What is recorded of a database's own transactions, and what is said of taking it back. */
import type { ContainerId } from "../../base/index.ts";
import type { ElementRun, Generation, RecordCell, Value } from "../../crdt/index.ts";
import type { Snapshot } from "./snapshot.ts";

/** The document in which a text or a map is. */
export interface Owner {
  readonly collection: string;
  readonly records: ContainerId;
  readonly id: string;
  readonly field: string;
  readonly generation: Generation;
}

export interface RecordChange {
  readonly kind: "record";
  readonly collection: string;
  readonly records: ContainerId;
  readonly id: string;
  readonly before: RecordCell | undefined;
  readonly after: RecordCell;
  /** Of a document that was deleted: what its texts and maps held. */
  readonly children: readonly ChildSnapshot[];
}

export interface ChildSnapshot {
  readonly field: string;
  readonly snapshot: Snapshot;
}

export interface EntryChange {
  readonly kind: "entry";
  readonly owner: Owner;
  readonly container: ContainerId;
  readonly key: string;
  /** Of what was there before; undefined when nothing ever was. */
  readonly before: Generation | undefined;
  readonly value: Value | undefined;
  /** What the container held that was there before. */
  readonly nested: Snapshot | undefined;
}

export interface InsertedChange {
  readonly kind: "inserted";
  readonly owner: Owner;
  readonly container: ContainerId;
  readonly runs: readonly ElementRun[];
}

export interface DeletedChange {
  readonly kind: "deleted";
  readonly owner: Owner;
  readonly container: ContainerId;
  readonly runs: readonly ElementRun[];
  readonly content: string;
  /** The unit before them; undefined at the start. */
  readonly previous: ElementRun | undefined;
}

export type Change = RecordChange | EntryChange | InsertedChange | DeletedChange;

/** A change, whose pair of stamp and actor says what it wrote, and when of all that happened here it was made. */
export interface Recorded {
  readonly change: Change;
  readonly by: Generation;
  readonly at: number;
}

/** One or more transactions that are taken back together. */
export interface Step {
  readonly label: string | undefined;
  readonly changes: readonly Recorded[];
}

export type LeftReason =
  /** Somebody else has written there since. */
  | "CHANGED_SINCE"
  /** The document is not there any more, or is another one under the same id. */
  | "DOCUMENT_GONE"
  /** A document with the id of the deleted one is there. */
  | "DOCUMENT_THERE"
  /** A first-writer value, or a counter that only grows: such a change is for good. */
  | "FINAL"
  /** The text has no trace of where it was: it was written anew since. */
  | "PLACE_GONE"
  /** What the container held is of a kind that is not recorded. */
  | "NOT_RECORDED";

/** A change that was not taken back. */
export interface LeftChange {
  readonly collection: string;
  readonly id: string;
  readonly field?: string;
  readonly reason: LeftReason;
}

export interface UndoReport {
  /** Whether there was anything to take back. */
  readonly done: boolean;
  /** Of the step that was taken back, as it was given to `transaction`. */
  readonly label: string | undefined;
  /** Steps of which nothing was left to take back, passed over on the way. */
  readonly skipped: number;
  /** What was left alone, of those steps too. */
  readonly left: readonly LeftChange[];
}
