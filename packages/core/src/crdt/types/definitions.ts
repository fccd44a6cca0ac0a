/** The definition of every type of container, by type. */
import type { ContainerType } from "../container-type.ts";
import { counterType } from "./counter.ts";
import type { ContainerDefinition } from "./definition.ts";
import { firstRegisterType } from "./first-register.ts";
import { frozenEntriesType } from "./frozen-entries.ts";
import { graphType } from "./graph.ts";
import { growCounterType } from "./grow-counter.ts";
import { listType } from "./list.ts";
import { logType } from "./log.ts";
import { mapType } from "./map.ts";
import { marksType } from "./marks.ts";
import { multiRegisterType } from "./multi-register.ts";
import { recordsType } from "./records.ts";
import { registerType } from "./register.ts";
import { removeWinsGraphType } from "./remove-wins-graph.ts";
import { removeWinsSetType } from "./remove-wins-set.ts";
import { setType } from "./set.ts";
import { textType } from "./text.ts";
import { treeType } from "./tree.ts";
import { userEntriesType } from "./user-entries.ts";

export const DEFINITIONS: { readonly [T in ContainerType]: ContainerDefinition<T> } = {
  register: registerType,
  map: mapType,
  counter: counterType,
  set: setType,
  text: textType,
  records: recordsType,
  "first-register": firstRegisterType,
  "multi-register": multiRegisterType,
  "remove-wins-set": removeWinsSetType,
  "grow-counter": growCounterType,
  "user-entries": userEntriesType,
  "frozen-entries": frozenEntriesType,
  tree: treeType,
  list: listType,
  graph: graphType,
  "remove-wins-graph": removeWinsGraphType,
  marks: marksType,
  log: logType,
};
