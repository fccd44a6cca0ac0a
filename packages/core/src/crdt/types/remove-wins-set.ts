/** The type of a remove-wins set: a cell for each element. */
import { seenBelow } from "../cells/by-actor.ts";
import { createAddition, createRemoval, type RemoveWinsCell } from "../cells/remove-wins.ts";
import * as removeWinsElement from "../cells/remove-wins-element.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { RemoveWinsSetWriter } from "../handles/remove-wins-set.ts";
import { SetView } from "../handles/set.ts";
import { type RemoveWinsJoins, read, write } from "../joins/remove-wins-joins.ts";
import type { Origin } from "../origin.ts";
import { type ContainerDefinition, type JoinStep, prepareCells } from "./definition.ts";

export interface RemoveWinsSetType {
  container: CellContainer<RemoveWinsCell>;
  view: SetView<RemoveWinsCell>;
  writer: RemoveWinsSetWriter;
  joins: RemoveWinsJoins;
}

export const removeWinsSetType: ContainerDefinition<"remove-wins-set"> = {
  open: (host, id) => new CellContainer(host, removeWinsElement, "remove-wins-set", id),
  view: (_host, container) => new SetView(container),
  writer: (host, container) => new RemoveWinsSetWriter(host, container),
  write,
  read,
  prepare: prepareRemoveWins,
};

export function prepareRemoveWins(
  container: CellContainer<RemoveWinsCell>,
  joins: RemoveWinsJoins,
  origin: Origin,
): JoinStep {
  const keys = joins.map(({ element }) => removeWinsElement.elementToKey(element));
  let voidCount = 0;
  const cells = joins.map(({ undone }): RemoveWinsCell => {
    if (undone === undefined) return createRemoval(origin);
    const past = seenBelow(undone, origin);
    voidCount += undone.length - past.length;
    return createAddition(past);
  });
  return prepareCells(container, keys, cells, voidCount);
}
