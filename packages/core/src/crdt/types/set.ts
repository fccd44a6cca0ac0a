/** The type of an add-wins set: a cell for each element. */
import * as setElement from "../cells/set-element.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { SetView, SetWriter } from "../handles/set.ts";
import { read, type SetJoins, write } from "../joins/set-joins.ts";
import type { Origin } from "../origin.ts";
import { type ContainerDefinition, entryKey, type JoinStep, prepareCells } from "./definition.ts";

export interface SetType {
  container: CellContainer<setElement.SetElementCell>;
  view: SetView;
  writer: SetWriter;
  joins: SetJoins;
}

export const setType: ContainerDefinition<"set"> = {
  open: (host, id) => new CellContainer(host, setElement, "set", id),
  view: (_host, container) => new SetView(container),
  writer: (host, container) => new SetWriter(host, container),
  write,
  read,
  prepare: prepareSet,
  entryKeys: (joins) => joins.map(({ element }) => entryKey(setElement, setElement.elementToKey(element))),
};

export function prepareSet(
  container: CellContainer<setElement.SetElementCell>,
  joins: SetJoins,
  origin: Origin,
): JoinStep {
  const keys: string[] = [];
  const cells: setElement.SetElementCell[] = [];
  let voidCount = 0;
  for (const { element, removals } of joins) {
    // Nobody can have seen an add from after the removal: such an entry would forbid adds that are yet to come.
    const seen = removals.filter((entry) => entry.removed <= origin.stamp);
    voidCount += removals.length - seen.length;
    if (removals.length > 0 && seen.length === 0) continue;
    keys.push(setElement.elementToKey(element));
    cells.push(removals.length === 0 ? [setElement.createSetEntry(origin.actor, origin.stamp, 0)] : seen);
  }
  return prepareCells(container, keys, cells, voidCount);
}
