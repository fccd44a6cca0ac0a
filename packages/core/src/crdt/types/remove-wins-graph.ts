/** The type of a remove-wins graph: the set of its vertices and edges. */
import type { RemoveWinsCell } from "../cells/remove-wins.ts";
import { GraphContainer } from "../graph/graph-container.ts";
import { readRemoveWins, writeRemoveWins } from "../graph/graph-joins.ts";
import { removeWinsKind } from "../graph/graph-key.ts";
import { GraphView } from "../graph/graph-view.ts";
import { GraphWriter } from "../graph/graph-writer.ts";
import type { Views } from "../handles/handles.ts";
import { RemoveWinsSetWriter } from "../handles/remove-wins-set.ts";
import type { RemoveWinsJoins } from "../joins/remove-wins-joins.ts";
import type { ContainerDefinition } from "./definition.ts";
import { prepareRemoveWins } from "./remove-wins-set.ts";

export interface RemoveWinsGraphType {
  container: GraphContainer<RemoveWinsCell>;
  view: GraphView<Views>;
  writer: GraphWriter;
  joins: RemoveWinsJoins;
}

export const removeWinsGraphType: ContainerDefinition<"remove-wins-graph"> = {
  open: (host, id) => new GraphContainer(host, removeWinsKind, "remove-wins-graph", id),
  view: (host, container) => new GraphView(host, container),
  writer: (host, container) => new GraphWriter(host, container, new RemoveWinsSetWriter(host, container)),
  write: writeRemoveWins,
  read: readRemoveWins,
  prepare: prepareRemoveWins,
};
