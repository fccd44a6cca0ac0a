/** The movable tree, for the checks of histories: two nodes that are each moved below the other, and removed. */
import * as place from "../../move-tree/place.ts";
import type { TreeWriter } from "../../move-tree/tree-writer.ts";
import type { Transaction } from "../../transaction.ts";
import type { Operation, Subject } from "./subject.ts";

const FIELD = "tree";

export const treeSubject: Subject = {
  name: "tree",
  operations: [
    moveBelow("x", "y"),
    moveBelow("y", "x"),
    (tx) => {
      treeOf(tx).remove("x");
      return undefined;
    },
  ],
  show: (document) => document.field("tree", FIELD).walk(),
  // Its meaning is checked beside it, against its own reference.
  model: undefined,
  lattice: place,
};

/** Below the other, or to the top when the other is below it. */
function moveBelow(node: string, other: string): Operation {
  return (tx) => {
    const tree = treeOf(tx);
    tree.move(node, tree.isDescendant(other, node) || !tree.has(other) ? place.TREE_ROOT : other);
    return undefined;
  };
}

/** With both nodes, in the tree or in the trash. */
function treeOf(tx: Transaction): TreeWriter {
  const tree = tx.field("tree", FIELD);
  for (const id of ["x", "y"]) if (!tree.has(id) && !tree.isRemoved(id)) tree.create(place.TREE_ROOT, { id });
  return tree;
}
