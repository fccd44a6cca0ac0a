/**
 * What is derived from a document's state (secondary indexes, history), told of every change as it happens. Derived
 * rows are written in the same batch as the cells they derive from; they are local, never hashed and never replicated,
 * and can be made again from the cells.
 */
import type { ContainerId, WriteOperation } from "../../base/index.ts";
import type { ContainerType } from "../container-type.ts";
import type { RecordCell } from "./record-cell.ts";

/** An admitted delta, as the changes that its joins make are told of. */
export interface DeltaSource {
  /** Its place in the order of admission. */
  readonly order: number;
  /** It did not know of all that was here before it: its parents are not all the heads of that moment. */
  readonly isConcurrent: boolean;
}

/** Places in the order of admission: `first` and what follows, up to `end`, which is not among them. */
export interface OrderRange {
  readonly first: number;
  readonly end: number;
}

/** The deltas of a commit; those from `firstLocal` on are this program's own. */
export interface CommitOrders extends OrderRange {
  readonly firstLocal: number;
}

export interface Derivation {
  /** The changes of a transaction of this program come next: of each record one at most. */
  onTransaction?(): void;
  /** The joins of an admitted delta come next; undefined when they have come. Other changes are this program's own. */
  onDelta?(source: DeltaSource | undefined): void;
  /** A join of the delta left the record as it was: what stands there is greater. */
  onVoid?(container: ContainerId, id: string): void;
  /**
   * A record changed in memory, by a committed transaction or an applied delta; not called for what was rolled back.
   * Undefined stands for nothing at all; a deleted record is one whose `deleted` is set. Reads nothing.
   */
  onRecord(container: ContainerId, id: string, before: RecordCell | undefined, after: RecordCell): void;
  /** Another container changed (a text, a list, ...), or may have; these are in it from now on, if they were not yet. */
  onContainer(id: ContainerId, type: ContainerType, nested: readonly ContainerId[]): void;
  /** The derived rows since the last take, with whole keys; for a commit, with the orders of its deltas. */
  takeRows(orders?: CommitOrders): readonly WriteOperation[];
  /**
   * Another opener of the store has committed, with the rows that derive from it: those since the last take are not
   * written, and more may have changed than was told of. The next transaction waits for it.
   */
  onForeign(): void | Promise<void>;
}
