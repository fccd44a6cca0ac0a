export { abortable } from "./abortable.ts";
export type { Violation } from "./bound-collection.ts";
export { type CallOptions, Collection } from "./collection.ts";
export { type EditRecorder, Engine, type EnginePorts } from "./engine.ts";
export { CollectionError, type CollectionErrorCode, type Place } from "./errors.ts";
export type { CollectionAt } from "./history/collection-at.ts";
export { type ChangeBatch, type DocumentChange, type FeedOptions, openFeed } from "./history/feed.ts";
export { frontierToText } from "./history/frontier.ts";
export { FEED_BATCH_DELTAS_MAX } from "./history/limits.ts";
export type { DocumentVersion, FieldDifference, HistoryOptions } from "./history/time-travel.ts";
export {
  type AnyDocument,
  compileIndexes,
  each,
  type IndexDefinition,
  type IndexOptions,
  unique,
  words,
} from "./index/definition.ts";
export type { Difference } from "./query/difference.ts";
export { type Explanation, Query, type QueryCallOptions, type QueryPage } from "./query/query.ts";
export type { LivePage } from "./query/watch.ts";
export {
  bigint,
  boolean,
  bytes,
  type Checker,
  integer,
  json,
  type NumberBounds,
  nullable,
  number,
  oneOf,
  type StringBounds,
  string,
} from "./schema/checkers.ts";
export type { EdgeInput, GraphInput, TreeInput, TreeNodeInput, VertexInput } from "./schema/child-inputs.ts";
export type { CounterEditor, ElementsEditor, ListEditor, ListReading, MultiValueEditor } from "./schema/editors.ts";
export {
  type AnyField,
  type CounterOptions,
  counter,
  type Field,
  type FieldKind,
  type Fields,
  firstWriter,
  type GraphOptions,
  graph,
  list,
  map,
  multiValue,
  register,
  type SetOptions,
  set,
  text,
  tree,
  type ValueField,
} from "./schema/fields.ts";
export type { DocumentOf, EditorOf, HandleName, InputOf, PatchOf } from "./schema/infer.ts";
export { compileSchema, type Schema } from "./schema/schema.ts";
export { CollectionTransaction, type WriterOf } from "./transaction.ts";
export type { ImportOptions } from "./transfer.ts";
export type { CollectionDefinition, Indexes, QueryOf, RangeOf } from "./types.ts";
export type { LeftChange, LeftReason, UndoReport } from "./undo/step.ts";
export { type UndoOptions, UndoStack } from "./undo/undo-stack.ts";
