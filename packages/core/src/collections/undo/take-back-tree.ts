/** Takes back that a node of a tree was created, moved or removed. */
import type { ContainerId } from "../../base/index.ts";
import { type MapWriter, TREE_ROOT, type TreeWriter } from "../../crdt/index.ts";
import { isForeign } from "./aliases.ts";
import { entryCell } from "./names.ts";
import type { Outcome } from "./rules.ts";
import { heldAt, someContainer } from "./snapshot.ts";
import type { PlacedChange, Recorded } from "./step.ts";
import type { TakingBack } from "./take-back.ts";

export function takeBackPlace(
  taking: TakingBack,
  { container, node, before, wasShown }: PlacedChange,
  tree: TreeWriter,
  { by, at }: Recorded,
): Outcome {
  const { aliases, by: now } = taking.recorder;
  const { id } = tree.target;
  const [cell, was] = [entryCell(id, node), entryCell(container, node)];
  if (aliases.original(cell, tree.placeOf(node)?.pair) !== aliases.original(was, by)) return "CHANGED_SINCE";
  if (before === undefined) {
    if (isUsed(taking, tree, node, at)) return "CHANGED_SINCE";
    tree.remove(node);
  } else {
    const { parent } = before;
    if (parent !== TREE_ROOT && wasShown && !tree.has(parent)) return "PLACE_GONE";
    if (parent === node || tree.isDescendant(parent, node)) return "CHANGED_SINCE";
    tree.putBack(node, before);
  }
  aliases.addPair(cell, now, aliases.original(was, before?.pair));
  return "taken";
}

/** Whether somebody else has put something into a node or below it. */
function isUsed(taking: TakingBack, tree: TreeWriter, node: string, at: number): boolean {
  const { aliases, by } = taking.recorder;
  if (hasForeignContent(taking, tree.contents, node, at)) return true;
  for (let page = tree.walk({ from: node }); page.length > 0; ) {
    for (const { id } of page) {
      const pair = tree.placeOf(id)?.pair;
      if (isForeign(aliases.original(entryCell(tree.target.id, id), pair), by)) return true;
    }
    const after = page.at(-1)?.id;
    page = after === undefined ? [] : tree.walk({ from: node, after });
  }
  return false;
}

/** Whether somebody else has written what a node, a vertex or an edge holds, or has worked in it since. */
export function hasForeignContent(
  { recorder, elsewhere }: TakingBack,
  contents: MapWriter,
  key: string,
  at: number,
): boolean {
  const { aliases, by } = recorder;
  const cell = contents.target.get(key);
  if (cell?.content === undefined) return false;
  if (isForeign(aliases.original(entryCell(contents.target.id, key), cell), by)) return true;
  const nested = heldAt(contents, key)?.nested;
  const isChanged = (child: ContainerId): boolean => elsewhere.hasChanged(child, undefined, at);
  return nested !== undefined && someContainer(nested, isChanged);
}
