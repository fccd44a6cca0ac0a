/** The movable tree and the graphs of both policies, for the checks of histories. */
import { addWinsKind, removeWinsKind } from "../../graph/graph-key.ts";
import * as place from "../../move-tree/place.ts";
import { shownTree } from "../../move-tree/reference/shown-tree.ts";
import { addWins, removeWins } from "./sets.ts";
import { lastWords, type ModelOperation, type Operation, type Subject, told } from "./subject.ts";

const { TREE_ROOT, TREE_TRASH } = place;
/** Where a node stands among its siblings is no part of the model. */
const ANY_POSITION = "V----";

/** Two nodes, each put below the other when that is allowed: most pairs of moves close a cycle. */
export const treeSubject: Subject = {
  name: "tree",
  operations: [putBelow("a", "b"), putBelow("b", "a"), remove("a")],
  show: (document) => {
    const tree = document.field("tree", "tree");
    return ["a", "b"].flatMap((node) =>
      [TREE_ROOT, TREE_TRASH, "a", "b"].filter((parent) => tree.childrenOf(parent).includes(node)),
    );
  },
  model: (deltas) => {
    const cells = new Map<string, place.PlaceCell>();
    for (const { key, value, delta } of lastWords(told(deltas, "tree.place"))) {
      const { stamp, actor } = delta;
      cells.set(place.placeKey(key, String(value)), { content: ANY_POSITION, stamp, actor });
    }
    const shown = shownTree(cells);
    return ["a", "b"].flatMap((node) =>
      [TREE_ROOT, TREE_TRASH, "a", "b"].filter((parent) => shown.get(parent)?.includes(node)),
    );
  },
  lattice: place,
};

export const graphSubject: Subject = graphOf("graph", addWins("graph"), addWinsKind);
export const removeWinsGraphSubject: Subject = graphOf(
  "remove-wins-graph",
  removeWins("remove-wins-graph"),
  removeWinsKind,
);

/** A vertex of a graph is an element of a set. */
function graphOf(type: "graph" | "remove-wins-graph", model: Subject["model"], lattice: Subject["lattice"]): Subject {
  return {
    name: type,
    operations: [
      (tx, _index, key) => {
        tx.field(type, type).addVertex(key);
        return { kind: `${type}.add`, key, value: undefined };
      },
      (tx, _index, key) => {
        tx.field(type, type).removeVertex(key);
        return { kind: `${type}.remove`, key, value: undefined };
      },
    ],
    show: (document) => document.field(type, type).vertices(),
    model,
    lattice,
  };
}

function putBelow(node: string, other: string): Operation {
  return (tx) => {
    const tree = tx.field("tree", "tree");
    const parent = tree.has(other) && !tree.isDescendant(other, node) ? other : TREE_ROOT;
    if (tree.has(node) || tree.isRemoved(node)) tree.move(node, parent);
    else tree.create(parent, { id: node });
    return placed(node, parent);
  };
}

function remove(node: string): Operation {
  return (tx) => (tx.field("tree", "tree").remove(node) ? placed(node, TREE_TRASH) : undefined);
}

function placed(node: string, parent: string): ModelOperation {
  return { kind: "tree.place", key: node, value: parent };
}
