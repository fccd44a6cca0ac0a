export {
  type Application,
  app,
  type Definition,
  type HandlerPolicy,
  input,
  type MutationContext,
  type Payload,
  payload,
  type QueryContext,
  type ReadState,
  type WriteState,
} from "./app.ts";
export { type BlobRange, type BlobRef, type Blobs, type BlobWriter, blob, type ReadonlyBlobs } from "./blob.ts";
export { SchemaRefused } from "./check.ts";
export { type Counter, type CounterField, type CounterOptions, counter, type ReadonlyCounter } from "./counter.ts";
export {
  type FrozenEntries,
  type FrozenEntriesField,
  frozenEntries,
  type ReadonlyFrozenEntries,
  type ReadonlyUserEntries,
  type UserEntries,
  type UserEntriesField,
  userEntries,
} from "./entries.ts";
export type { Field } from "./field.ts";
export { type FirstWriter, type FirstWriterField, firstWriter, type ReadonlyFirstWriter } from "./first-writer.ts";
export {
  type Graph,
  type GraphEdge,
  type GraphOptions,
  type GraphSort,
  graph,
  type ReadonlyGraph,
  type Visited,
} from "./graph.ts";
export {
  type ContainerList,
  list,
  type ReadonlyContainerList,
  type ReadonlyValueList,
  type ValueList,
} from "./list.ts";
export { type LocalField, local } from "./local.ts";
export { type Log, type LogEntry, type LogField, log, type ReadonlyLog } from "./log.ts";
export {
  type ContainerMap,
  map,
  type ReadonlyContainerMap,
  type ReadonlyValueMap,
  type ValueMap,
} from "./map.ts";
export { type Member, type Role, RoleRequired } from "./members.ts";
export { type MultiValue, type MultiValueField, multiValue, type ReadonlyMultiValue } from "./multi-value.ts";
export type { Methods, OtherContext } from "./other-context.ts";
export { type Presence, type PresenceField, type Present, presence, type ReadonlyPresence } from "./presence.ts";
export {
  type Child,
  type Document,
  type Initial,
  type ReadonlyChild,
  type ReadonlyDocument,
  type ReadonlyRecords,
  type Records,
  records,
} from "./records.ts";
export { type ReadonlyRegister, type Register, type RegisterField, register } from "./register.ts";
export { type Elements, type ReadonlyElements, type SetField, type SetOptions, set } from "./set.ts";
export {
  type Anchor,
  type AnchorSide,
  type MarkExpand,
  type ReadonlyText,
  type Text,
  type TextField,
  type TextMark,
  type TextSpan,
  text,
} from "./text.ts";
export { type ReadonlyTree, ROOT, type Tree, tree, type WalkedNode, type WalkOptions } from "./tree.ts";
export type { Value } from "./value.ts";
