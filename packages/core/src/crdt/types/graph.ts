/** The type of an add-wins graph: the set of its vertices and edges. */
import type { SetElementCell } from "../cells/set-element.ts";
import { GraphContainer } from "../graph/graph-container.ts";
import { readAddWins, writeAddWins } from "../graph/graph-joins.ts";
import { addWinsKind } from "../graph/graph-key.ts";
import { GraphView } from "../graph/graph-view.ts";
import { GraphWriter } from "../graph/graph-writer.ts";
import type { Views } from "../handles/handles.ts";
import { SetWriter } from "../handles/set.ts";
import type { SetJoins } from "../joins/set-joins.ts";
import type { ContainerDefinition } from "./definition.ts";
import { prepareSet } from "./set.ts";

export interface GraphType {
  container: GraphContainer<SetElementCell>;
  view: GraphView<Views>;
  writer: GraphWriter;
  joins: SetJoins;
}

export const graphType: ContainerDefinition<"graph"> = {
  open: (host, id) => new GraphContainer(host, addWinsKind, "graph", id),
  view: (host, container) => new GraphView(host, container),
  writer: (host, container) => new GraphWriter(host, container, new SetWriter(host, container)),
  write: writeAddWins,
  read: readAddWins,
  prepare: prepareSet,
};
