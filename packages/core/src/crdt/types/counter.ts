/** The type of a counter: a cell for each actor, its own sums. */
import { idKey } from "../../base/index.ts";
import * as counterEntry from "../cells/counter-entry.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { CounterView, CounterWriter } from "../handles/counter.ts";
import { type CounterJoins, read, write } from "../joins/counter-joins.ts";
import { type ContainerDefinition, prepareCells } from "./definition.ts";

export interface CounterType {
  container: CellContainer<counterEntry.CounterEntryCell>;
  view: CounterView;
  writer: CounterWriter;
  joins: CounterJoins;
}

export const counterType: ContainerDefinition<"counter"> = {
  open: (host, id) => new CellContainer(host, counterEntry, "counter", id),
  view: (_host, container) => new CounterView(container),
  writer: (host, container) => new CounterWriter(host, container),
  write,
  read,
  prepare: (container, joins, { actor }) => prepareCells(container, [idKey(actor)], [joins]),
};
