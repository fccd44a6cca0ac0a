/** Movable trees. What a node holds lies in a map, which the guest opens as a container of its own. */
import { makes, type Operation, reads, writes } from "./operation.ts";

export const TREE_OPERATIONS: readonly Operation[] = [
  makes("treeCreate", (f) => {
    const tree = f.writer(0, "tree");
    const parent = f.key(1);
    const index = f.optionalNumber(2);
    const id = f.optionalKey(3);
    return tree.create(parent, { ...(index === undefined ? {} : { index }), ...(id === undefined ? {} : { id }) });
  }),
  writes("treeMove", (f) => f.writer(0, "tree").move(f.key(1), f.key(2), f.optionalNumber(3))),
  makes("treeRemove", (f) => f.writer(0, "tree").remove(f.key(1))),
  reads("treeHas", (f) => f.view(0, "tree").has(f.key(1))),
  reads("treeIsRemoved", (f) => f.view(0, "tree").isRemoved(f.key(1))),
  reads("treeSize", (f) => {
    const { size } = f.view(0, "tree");
    f.walk(size);
    return size;
  }),
  reads("treeParent", (f) => f.view(0, "tree").parentOf(f.key(1))),
  reads("treeChildren", (f) => f.view(0, "tree").childrenOf(f.key(1))),
  reads("treeChildCount", (f) => f.view(0, "tree").childCount(f.key(1))),
  reads("treeIndexOf", (f) => f.view(0, "tree").indexOf(f.key(1))),
  reads("treeAncestors", (f) => f.view(0, "tree").ancestors(f.key(1))),
  reads("treeWalk", (f) => {
    const from = f.optionalKey(1);
    const after = f.optionalKey(2);
    const limit = Math.max(0, f.number(3));
    const options = { ...(from === undefined ? {} : { from }), ...(after === undefined ? {} : { after }), limit };
    const page = f.view(0, "tree").walk(options);
    f.walk(page.length);
    return page.map(({ id, depth }) => [id, depth]);
  }),
  reads("treeContents", (f) => f.open("map", f.view(0, "tree").contents)),
];
