/**
 * Handles: typed access to the containers of a document. A *view* reads; a *writer*, which is a view too, belongs to a
 * transaction, sees its writes and records them. Each type has its pair in a file beside this one, in one shape.
 */
import type { ContainerId } from "../../base/index.ts";
import type { RemoveWinsCell } from "../cells/remove-wins.ts";
import type { ContainerType } from "../container-type.ts";
import type { ContainerWriter } from "../containers/container.ts";
import type { Containers } from "../containers/container-cache.ts";
import type { EditObserver } from "../edit-observer.ts";
import type { GraphView } from "../graph/graph-view.ts";
import type { GraphWriter } from "../graph/graph-writer.ts";
import type { TreeView } from "../move-tree/tree-view.ts";
import type { TreeWriter } from "../move-tree/tree-writer.ts";
import type { Origin } from "../origin.ts";
import type { RecordsView, RecordsWriter } from "../records/records.ts";
import type { CounterView, CounterWriter } from "./counter.ts";
import type { FirstRegisterView, FirstRegisterWriter } from "./first-register.ts";
import type { FrozenEntriesView, FrozenEntriesWriter } from "./frozen-entries.ts";
import type { GrowCounterWriter } from "./grow-counter.ts";
import type { ListView, ListWriter } from "./list.ts";
import type { MapView, MapWriter } from "./map.ts";
import type { MarksView, MarksWriter } from "./marks.ts";
import type { MultiRegisterView, MultiRegisterWriter } from "./multi-register.ts";
import type { RegisterView, RegisterWriter } from "./register.ts";
import type { RemoveWinsSetWriter } from "./remove-wins-set.ts";
import type { SetView, SetWriter } from "./set.ts";
import type { TextView, TextWriter } from "./text.ts";
import type { UserEntriesView, UserEntriesWriter } from "./user-entries.ts";

export interface Views {
  register: RegisterView;
  map: MapView<Views>;
  counter: CounterView;
  set: SetView;
  text: TextView<Views>;
  records: RecordsView<Views>;
  "first-register": FirstRegisterView;
  "multi-register": MultiRegisterView;
  "remove-wins-set": SetView<RemoveWinsCell>;
  "grow-counter": CounterView;
  "user-entries": UserEntriesView;
  "frozen-entries": FrozenEntriesView;
  tree: TreeView<Views>;
  list: ListView<Views>;
  graph: GraphView<Views>;
  "remove-wins-graph": GraphView<Views>;
  marks: MarksView;
}

export interface Writers {
  register: RegisterWriter;
  map: MapWriter;
  counter: CounterWriter;
  set: SetWriter;
  text: TextWriter;
  records: RecordsWriter;
  "first-register": FirstRegisterWriter;
  "multi-register": MultiRegisterWriter;
  "remove-wins-set": RemoveWinsSetWriter;
  "grow-counter": GrowCounterWriter;
  "user-entries": UserEntriesWriter;
  "frozen-entries": FrozenEntriesWriter;
  tree: TreeWriter;
  list: ListWriter;
  graph: GraphWriter;
  "remove-wins-graph": GraphWriter;
  marks: MarksWriter;
}

/** Gives the handle of a nested container: a view of a view's, a writer of a writer's. */
export interface HandleHost<H extends Views> {
  resolve<T extends ContainerType>(type: T, id: ContainerId): H[T];
  container<T extends ContainerType>(type: T, id: ContainerId): Containers[T];
}

/** What a writer asks of its transaction. */
export interface WriterHost extends HandleHost<Writers> {
  readonly origin: Origin;
  readonly observer: EditObserver | undefined;
  /** Every write begins with it: a cell that the transaction has written is written again without a record. */
  assertOpen(): void;
  /** Counts one changed cell, against the limit, before it is changed. */
  record(writer: ContainerWriter): void;
  /** Undoes all that this transaction did in a container and in those it created there. */
  discard(type: ContainerType, id: ContainerId): void;
}
