/** The type of a counter that only grows: as a counter, with no place for what is subtracted. */
import { idKey } from "../../base/index.ts";
import type { CounterEntryCell } from "../cells/counter-entry.ts";
import * as growEntry from "../cells/grow-entry.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { CounterView } from "../handles/counter.ts";
import { GrowCounterWriter } from "../handles/grow-counter.ts";
import { type GrowCounterJoins, read, write } from "../joins/grow-counter-joins.ts";
import { type ContainerDefinition, prepareCells } from "./definition.ts";

export interface GrowCounterType {
  container: CellContainer<CounterEntryCell>;
  view: CounterView;
  writer: GrowCounterWriter;
  joins: GrowCounterJoins;
}

export const growCounterType: ContainerDefinition<"grow-counter"> = {
  open: (host, id) => new CellContainer(host, growEntry, "grow-counter", id),
  view: (_host, container) => new CounterView(container),
  writer: (host, container) => new GrowCounterWriter(host, container),
  write,
  read,
  prepare: (container, joins, { actor }) => prepareCells(container, [idKey(actor)], [joins]),
};
