/**
 * What a transaction tells of its edits as they are made, so that they can be taken back later by other edits. What was
 * told of a transaction that is rolled back is void. Reads within these calls may throw `Miss`, but for those that
 * follow `onCommit`.
 */
import type { ContainerId } from "../base/index.ts";
import type { LastWriterCell } from "./cells/last-writer.ts";
import type { MarkCell } from "./cells/mark.ts";
import type { ContainerType } from "./container-type.ts";
import type { CellContainer } from "./containers/cell-container.ts";
import type { ListWriter } from "./handles/list.ts";
import type { MapWriter } from "./handles/map.ts";
import type { TextWriter } from "./handles/text.ts";
import type { TreeWriter } from "./move-tree/tree-writer.ts";
import type { RecordCell } from "./records/record-cell.ts";
import type { RecordsWriter } from "./records/records.ts";
import type { ElementRun } from "./text/by-id.ts";

export interface EditObserver {
  /** The container of a document's field was asked for, to be written in. */
  onChild(records: RecordsWriter, id: string, field: string, type: ContainerType, child: ContainerId): void;
  /** The container in a map's entry, or in an element of a list, was asked for. */
  onNested(parent: MapWriter | ListWriter, key: string, type: ContainerType, child: ContainerId): void;
  /** A document is about to be deleted: its children can still be read. */
  onDelete(records: RecordsWriter, id: string, cell: RecordCell): void;
  /** An entry of a map is about to be written, for the first time in its transaction. */
  onEntry(map: MapWriter, key: string, before: LastWriterCell | undefined): void;
  /** A cell of another container than a map or a tree is about to be written, for the first time in its transaction. */
  onCell(container: CellContainer<unknown>, key: string, before: unknown): void;
  /** These units were inserted. */
  onInserted(text: TextWriter, runs: readonly ElementRun[]): void;
  /** These units, which are there, are about to be deleted. */
  onDeleting(text: TextWriter, runs: readonly ElementRun[], content: string): void;
  /** A stretch is about to be marked, by a mark of this key. */
  onMarking(text: TextWriter, mark: MarkCell, key: string): void;
  /** These elements were inserted. */
  onElementsInserted(list: ListWriter, index: number, count: number): void;
  /** These elements are about to be deleted. */
  onElementsDeleting(list: ListWriter, index: number, count: number): void;
  /** The value of an element is about to be replaced. */
  onElementSetting(list: ListWriter, index: number): void;
  /** An element is about to be moved. */
  onElementMoving(list: ListWriter, index: number): void;
  /** A node is about to be created, moved or removed, for the first time in its transaction. */
  onPlacing(tree: TreeWriter, node: string): void;
  /** What this transaction did in a container was taken back within it. */
  onDiscard(type: ContainerType, id: ContainerId): void;
  /** The transaction succeeds: what changes until `onCommitted` is its own work. */
  onCommit(): void;
  /** A document is not what it was before the transaction. */
  onRecord(records: RecordsWriter, id: string, before: RecordCell | undefined, after: RecordCell): void;
  onCommitted(): void;
}
