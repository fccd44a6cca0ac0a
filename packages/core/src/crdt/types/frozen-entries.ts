/** The type of frozen entries: a cell for each value, under its hash. */
import { idKey } from "../../base/index.ts";
import * as frozenEntry from "../cells/frozen-entry.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { FrozenEntriesView, FrozenEntriesWriter } from "../handles/frozen-entries.ts";
import { type FrozenEntriesJoins, read, write } from "../joins/frozen-entries-joins.ts";
import { type ContainerDefinition, prepareCells } from "./definition.ts";

export interface FrozenEntriesType {
  container: CellContainer<frozenEntry.FrozenEntryCell>;
  view: FrozenEntriesView;
  writer: FrozenEntriesWriter;
  joins: FrozenEntriesJoins;
}

export const frozenEntriesType: ContainerDefinition<"frozen-entries"> = {
  open: (host, id) => new CellContainer(host, frozenEntry, "frozen-entries", id),
  view: (_host, container) => new FrozenEntriesView(container),
  writer: (host, container) => new FrozenEntriesWriter(host, container),
  write,
  read: (reader, _intern, budget) => read(reader, budget),
  prepare: (container, joins) => {
    const keys = joins.map((content) => idKey(frozenEntry.frozenKey(content)));
    return prepareCells(
      container,
      keys,
      joins.map((content) => ({ content })),
    );
  },
};
