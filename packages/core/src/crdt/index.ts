export { ALL_CELLS, GENERATION_ZERO, type Generation } from "./cell-key.ts";
export type { CounterEntryCell } from "./cells/counter-entry.ts";
export type { LastWriterCell } from "./cells/last-writer.ts";
export type { MarkCell } from "./cells/mark.ts";
export { join as joinRegisters, type RegisterCell } from "./cells/register.ts";
export { keyToElement } from "./cells/set-element.ts";
export { compactState, compactSteps } from "./compact/compact-state.ts";
export { Holdings } from "./compact/holdings.ts";
export { isTombstone } from "./compact/is-tombstone.ts";
export { CELL_BYTES_MAX, CELL_KEY_BYTES_MAX, STATE_PAGE_BYTES_MAX } from "./compact/limits.ts";
export { type CellChanges, Overlay } from "./compact/overlay.ts";
export { decodeStatePage, encodeStatePage, PageCutter, statePageHash, stateRoot } from "./compact/state-pages.ts";
export { isRecord, tellRecord } from "./compact/tell-record.ts";
export { ContainerFold } from "./container-fold.ts";
export { CONTAINER_TYPES, type ContainerType } from "./container-type.ts";
export type { CellContainer } from "./containers/cell-container.ts";
export type { CellSource, DirtyCell } from "./containers/container.ts";
export type { DocumentOptions } from "./containers/container-cache.ts";
export { type Content, isReference } from "./content.ts";
export { addToCounter, type CounterPlace, counterSums, type Sums } from "./counter-sums.ts";
export { type ApplyFailure, type ApplyReport, Document, type LoadFailure } from "./document.ts";
export type { EditObserver } from "./edit-observer.ts";
export type { TopologicalSort, Visited } from "./graph/algorithms.ts";
export { edgesAtVertex } from "./graph/graph-container.ts";
export { edgeKey, type GraphEdge } from "./graph/graph-key.ts";
export type { GraphView } from "./graph/graph-view.ts";
export type { GraphWriter } from "./graph/graph-writer.ts";
export type { CounterView, CounterWriter } from "./handles/counter.ts";
export type { FirstRegisterView, FirstRegisterWriter } from "./handles/first-register.ts";
export type { FrozenEntriesView, FrozenEntriesWriter } from "./handles/frozen-entries.ts";
export type { GrowCounterWriter } from "./handles/grow-counter.ts";
export type { Views, Writers } from "./handles/handles.ts";
export type { ElementTrace, ListView, ListWriter } from "./handles/list.ts";
export { type LogEntry, type LogView, type LogWriter, logEntryKey } from "./handles/log.ts";
export type { EntryKind, MapView, MapWriter } from "./handles/map.ts";
export type { MultiRegisterView, MultiRegisterWriter } from "./handles/multi-register.ts";
export type { RegisterView, RegisterWriter } from "./handles/register.ts";
export type { RemoveWinsSetWriter } from "./handles/remove-wins-set.ts";
export type { SetView, SetWriter } from "./handles/set.ts";
export type { DecidedStretch, TextView, TextWriter } from "./handles/text.ts";
export type { UserEntriesView, UserEntriesWriter } from "./handles/user-entries.ts";
export { TREE_ROOT, TREE_TRASH } from "./move-tree/place.ts";
export type { NodePlace, TreeView, WalkedNode, WalkOptions } from "./move-tree/tree-view.ts";
export type { CreateOptions, TreeWriter } from "./move-tree/tree-writer.ts";
export { contentsOf, touchedBy } from "./nested-containers.ts";
export { type Origin, ZERO_ACTOR } from "./origin.ts";
export { type PathCallback, PathObservers } from "./path/observe.ts";
export { at, PathView } from "./path/path-view.ts";
export { edit, PathRefused, PathWriter } from "./path/path-writer.ts";
export type { Path, PathFailure, PathFailureCode, PathSegment, PathSource, SpotKind } from "./path/resolve.ts";
export { childContainers } from "./records/child-containers.ts";
export type { CommitOrders, DeltaSource, Derivation, OrderRange } from "./records/derivation.ts";
export type { FieldCells, FieldKind } from "./records/fields/fields.ts";
export {
  childOf,
  childTypes,
  readCounter,
  readFirst,
  readLast,
  readMulti,
  readSet,
  type SetPolicy,
} from "./records/read-record.ts";
export type { RecordCacheStats } from "./records/record-cache.ts";
export { comparePairs, fieldOf, fieldsOf, type RecordCell, type RecordField } from "./records/record-cell.ts";
export type { RecordEditor } from "./records/record-editor.ts";
export { RecordFold } from "./records/record-fold.ts";
export { compareIds, type PageOptions, type RecordRow } from "./records/record-page.ts";
export type { FieldName } from "./records/record-shape.ts";
export type { RecordsView, RecordsWriter } from "./records/records.ts";
export { type WriteRefusalCode, WriteRefused } from "./refusal.ts";
export { ForkedElements } from "./reissue/forked-elements.ts";
export { storedToValue } from "./stored.ts";
export { type Anchor, type AnchorSide, decodeAnchor, type ElementId, encodeAnchor } from "./text/anchor.ts";
export type { ElementRun } from "./text/by-id.ts";
export { type TextBlock, TextState } from "./text/text-state.ts";
export type { Transaction } from "./transaction.ts";
export { type StoredHashes, verifyPages } from "./tree/build-tree.ts";
export { decodeValue, encodeValue, type Value, type ValueRefusal } from "./value.ts";
