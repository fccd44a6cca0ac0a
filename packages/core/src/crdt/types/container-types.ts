/** What belongs to each type of container: a line here, one in `definitions.ts`, a tag, and a file of its own. */
import type { ContainerType } from "../container-type.ts";
import type { Container, ContainerWriter } from "../containers/container.ts";
import type { CounterType } from "./counter.ts";
import type { FirstRegisterType } from "./first-register.ts";
import type { FrozenEntriesType } from "./frozen-entries.ts";
import type { GraphType } from "./graph.ts";
import type { GrowCounterType } from "./grow-counter.ts";
import type { ListType } from "./list.ts";
import type { LogType } from "./log.ts";
import type { MapType } from "./map.ts";
import type { MarksType } from "./marks.ts";
import type { MultiRegisterType } from "./multi-register.ts";
import type { RecordsType } from "./records.ts";
import type { RegisterType } from "./register.ts";
import type { RemoveWinsGraphType } from "./remove-wins-graph.ts";
import type { RemoveWinsSetType } from "./remove-wins-set.ts";
import type { SetType } from "./set.ts";
import type { TextType } from "./text.ts";
import type { TreeType } from "./tree.ts";
import type { UserEntriesType } from "./user-entries.ts";

/** The parts of one type. */
export interface ContainerParts {
  readonly container: Container;
  readonly view: object;
  readonly writer: ContainerWriter;
  /** What a delta changes in it. */
  readonly joins: unknown;
}

export interface ContainerTypes extends Record<ContainerType, ContainerParts> {
  register: RegisterType;
  map: MapType;
  counter: CounterType;
  set: SetType;
  text: TextType;
  records: RecordsType;
  "first-register": FirstRegisterType;
  "multi-register": MultiRegisterType;
  "remove-wins-set": RemoveWinsSetType;
  "grow-counter": GrowCounterType;
  "user-entries": UserEntriesType;
  "frozen-entries": FrozenEntriesType;
  tree: TreeType;
  list: ListType;
  graph: GraphType;
  "remove-wins-graph": RemoveWinsGraphType;
  marks: MarksType;
  log: LogType;
}

/** One part of every type. */
export type PartByType<P extends keyof ContainerParts> = { readonly [T in ContainerType]: ContainerTypes[T][P] };
