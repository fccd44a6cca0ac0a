/**
 * What a transaction tells of its edits as they are made, so that they can be taken back later by other edits. What was
 * told of a transaction that is rolled back is void. Reads within these calls may throw `Miss`, but for those that
 * follow `onCommit`.
 */
import type { ContainerId } from "../base/index.ts";
import type { LastWriterCell } from "./cells/last-writer.ts";
import type { ContainerType } from "./container-type.ts";
import type { MapWriter } from "./handles/map.ts";
import type { TextWriter } from "./handles/text.ts";
import type { RecordCell } from "./records/record-cell.ts";
import type { RecordsWriter } from "./records/records.ts";
import type { ElementRun } from "./text/by-id.ts";

export interface EditObserver {
  /** The container of a document's field was asked for, to be written in. */
  onChild(records: RecordsWriter, id: string, field: string, child: ContainerId): void;
  /** The container in a map's entry was asked for. */
  onNested(map: MapWriter, key: string, child: ContainerId): void;
  /** A document is about to be deleted: its children can still be read. */
  onDelete(records: RecordsWriter, id: string, cell: RecordCell): void;
  /** An entry of a map is about to be written, for the first time in its transaction. */
  onEntry(map: MapWriter, key: string, before: LastWriterCell | undefined): void;
  /** These units were inserted. */
  onInserted(text: TextWriter, runs: readonly ElementRun[]): void;
  /** These units, which are there, are about to be deleted. */
  onDeleting(text: TextWriter, runs: readonly ElementRun[], content: string): void;
  /** What this transaction did in a container was taken back within it. */
  onDiscard(type: ContainerType, id: ContainerId): void;
  /** The transaction succeeds: what changes until `onCommitted` is its own work. */
  onCommit(): void;
  /** A document is not what it was before the transaction. */
  onRecord(records: RecordsWriter, id: string, before: RecordCell | undefined, after: RecordCell): void;
  onCommitted(): void;
}
