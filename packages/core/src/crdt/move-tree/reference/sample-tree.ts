/** A small tree, and how it looks, for tests. */
import type { Document } from "../../document.ts";
import { TREE_ROOT } from "../place.ts";
import type { TreeWriter } from "../tree-writer.ts";

/** a > (b > c, d), e */
export function plantSample(tree: TreeWriter): void {
  tree.create(TREE_ROOT, { id: "a" });
  tree.create("a", { id: "b" });
  tree.create("b", { id: "c" });
  tree.create("a", { id: "d" });
  tree.create(TREE_ROOT, { id: "e" });
}

/** A line for each node of the field "t", behind a dash for each level. */
export function shapeOf(document: Document): string[] {
  const walked = document.field("tree", "t").walk();
  return walked.map(({ id, depth }) => "-".repeat(depth) + id);
}
