/** The type of a movable tree: a cell for each node and each parent it was moved below. */
import type { Views } from "../handles/handles.ts";
import { placeKey } from "../move-tree/place.ts";
import { TreeContainer } from "../move-tree/tree-container.ts";
import { read, type TreeJoins, write } from "../move-tree/tree-joins.ts";
import { TreeView } from "../move-tree/tree-view.ts";
import { TreeWriter } from "../move-tree/tree-writer.ts";
import { type ContainerDefinition, prepareCells } from "./definition.ts";

export interface TreeType {
  container: TreeContainer;
  view: TreeView<Views>;
  writer: TreeWriter;
  joins: TreeJoins;
}

export const treeType: ContainerDefinition<"tree"> = {
  open: (host, id) => new TreeContainer(host, id),
  view: (host, container) => new TreeView(host, container),
  writer: (host, container) => new TreeWriter(host, container),
  write,
  read: (reader, _intern, budget) => read(reader, budget),
  prepare: (container, joins, { stamp, actor }) => {
    const keys = joins.map(({ node, parent }) => placeKey(node, parent));
    const cells = joins.map(({ position }) => ({ content: position, stamp, actor }));
    return prepareCells(container, keys, cells);
  },
};
