/** What is recorded of a database's own transactions, and what is said of taking it back. */
import type { ContainerId } from "../../base/index.ts";
import type {
  Anchor,
  ContainerType,
  ElementId,
  ElementRun,
  Generation,
  NodePlace,
  RecordCell,
  Value,
} from "../../crdt/index.ts";
import type { ElementSnapshot, Held, Snapshot } from "./snapshot.ts";

/** The document in which a container is. */
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
  /** Of a document that was deleted: what its containers held. */
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
  /** A value, or what the container held that was there before. */
  readonly held: Held | undefined;
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

/** A cell of a container whose type has rules of its own: a register, a counter, an element of a set or of a graph. */
export interface CellChange {
  readonly kind: "cell";
  readonly owner: Owner;
  readonly container: ContainerId;
  readonly type: ContainerType;
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
  /** Of a vertex: the keys of the edges that there were at it. */
  readonly edges: readonly string[];
}

export interface MarkedChange {
  readonly kind: "marked";
  readonly owner: Owner;
  readonly container: ContainerId;
  readonly name: string;
  /** Of the mark that was made. */
  readonly key: string;
  /** What had been marked there, from each of these places to the next one, and from the last to the end. */
  readonly before: readonly MarkedFrom[];
  readonly end: Anchor;
}

export interface MarkedFrom {
  readonly at: Anchor;
  readonly value: Value | undefined;
  /** The original of the mark that said so. */
  readonly original: string;
}

export interface ElementsInsertedChange {
  readonly kind: "elements-inserted";
  readonly owner: Owner;
  readonly container: ContainerId;
  readonly runs: readonly ElementRun[];
}

export interface ElementsDeletedChange {
  readonly kind: "elements-deleted";
  readonly owner: Owner;
  readonly container: ContainerId;
  readonly elements: readonly ElementSnapshot[];
  /** The element before them; undefined at the start. */
  readonly previous: ElementId | undefined;
}

export interface ElementSetChange {
  readonly kind: "element-set";
  readonly owner: Owner;
  readonly container: ContainerId;
  readonly before: ElementSnapshot;
}

export interface ElementMovedChange {
  readonly kind: "element-moved";
  readonly owner: Owner;
  readonly container: ContainerId;
  readonly element: ElementId;
  readonly position: ElementId;
  /** The element before it; undefined at the start. */
  readonly previous: ElementId | undefined;
  /** Of the move that had put it there. */
  readonly before: Generation | undefined;
}

export interface PlacedChange {
  readonly kind: "placed";
  readonly owner: Owner;
  readonly container: ContainerId;
  readonly node: string;
  /** Undefined when the node is new. */
  readonly before: NodePlace | undefined;
  /** Whether it was in the tree, and not in the trash. */
  readonly wasShown: boolean;
}

export type ListChange = ElementsInsertedChange | ElementsDeletedChange | ElementSetChange | ElementMovedChange;
export type ContainerChange =
  | EntryChange
  | InsertedChange
  | DeletedChange
  | MarkedChange
  | CellChange
  | ListChange
  | PlacedChange;
export type Change = RecordChange | ContainerChange;

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
  /** Where it was is not there any more: a text or a list was written anew since, the node above it was removed. */
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
