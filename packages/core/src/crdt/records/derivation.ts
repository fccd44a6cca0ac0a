/**
 * What is derived from a document's state (secondary indexes, history), told of every change as it happens. Derived
 * rows are written in the same batch as the cells they derive from; they are local, never hashed and never replicated,
 * and can be made again from the cells.
 */
import type { ContainerId, WriteOperation } from "../../base/index.ts";
import type { ContainerType } from "../container-type.ts";
import type { RecordCell } from "./record-cell.ts";

export interface Derivation {
  /**
   * A record changed in memory, by a committed transaction or an applied delta; not called for what was rolled back.
   * Undefined stands for nothing at all; a deleted record is one whose `deleted` is set. Reads nothing.
   */
  onRecord(container: ContainerId, id: string, before: RecordCell | undefined, after: RecordCell): void;
  /** Another container changed (a text, a list, ...), or may have. */
  onContainer(id: ContainerId, type: ContainerType): void;
  /** The derived rows since the last take, with whole keys. */
  takeRows(): readonly WriteOperation[];
  /**
   * Another opener of the store has committed, with the rows that derive from it: those since the last take are not
   * written, and more may have changed than was told of.
   */
  onForeign(): void;
}
