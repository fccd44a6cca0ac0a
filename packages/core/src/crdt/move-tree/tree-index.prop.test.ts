import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../../tools/property-runs.ts";
import { createPrng, type Prng, type Stamp } from "../../base/index.ts";
import { actorOf } from "../reference/draw.ts";
import { type PlaceCell, placeKey, TREE_ROOT, TREE_TRASH } from "./place.ts";
import { type ShownTree, shownTree } from "./reference/shown-tree.ts";
import { TreeIndex } from "./tree-index.ts";
import type { TreeNode } from "./tree-node.ts";

const NODES = ["a", "b", "c", "d", "e", "f", "g"];

/** Anything that bytes can say: nodes below themselves, below nodes that nobody placed, equal stamps and positions. */
function drawPlace(prng: Prng): [string, PlaceCell] {
  const parent = prng.pick([TREE_ROOT, TREE_ROOT, TREE_TRASH, "nobody", ...NODES, ...NODES]);
  const cell = {
    content: prng.pick(["V----", "V---3", "V---3V----"]),
    stamp: (1 + prng.below(12)) as Stamp,
    actor: actorOf(prng.below(3)),
  };
  return [placeKey(prng.pick(NODES), parent), cell];
}

function shownBy(index: TreeIndex): ShownTree {
  const shown = new Map<string, readonly string[]>();
  const open: TreeNode[] = [index.settled().root, index.trash];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.children.length > 0)
      shown.set(
        node.id,
        node.children.map(({ id }) => id),
      );
    open.push(...node.children);
    expect(shown.size).toBeLessThanOrEqual(NODES.length + 2);
  }
  return shown;
}

/** What is kept of tops is what climbing finds, for some of the nodes: others are then found through theirs. */
function checkTops(index: TreeIndex, prng: Prng): void {
  for (const id of NODES) {
    const node = index.find(id);
    if (node === undefined || prng.chance(0.5)) continue;
    let top = node;
    while (top.shown !== undefined) top = top.shown.parent;
    expect(index.topOf(node)).toBe(top);
  }
}

function runHistory(seed: number): number {
  const prng = createPrng(seed);
  const cells = new Map<string, PlaceCell>();
  const index = TreeIndex.of([]);
  let hidden = 0;
  for (let step = 0; step < 40; step++) {
    const [key, cell] = drawPlace(prng);
    const isTakenBack = prng.chance(0.2) && cells.has(key);
    if (isTakenBack) cells.delete(key);
    else cells.set(key, cell);
    index.replace(key, isTakenBack ? undefined : cell);
    if (prng.chance(0.5)) checkTops(index, prng);
    if (prng.chance(0.3)) continue;
    const expected = shownTree(cells);
    expect(shownBy(index)).toEqual(expected);
    expect(shownBy(TreeIndex.of(cells))).toEqual(expected);
    const placed = new Set([...cells.keys()].map((name) => name.slice(0, 1)));
    hidden += placed.size - [...expected.values()].flat().length;
  }
  return hidden;
}

describe("the index of a tree", () => {
  it("shows what the definition shows, whatever places come and are taken back", () => {
    let hidden = 0;
    for (let seed = 1; seed <= historiesOf(150); seed++) {
      try {
        hidden += runHistory(seed);
      } catch (failure) {
        throw new Error(`seed ${seed}`, { cause: failure });
      }
    }
    // Some nodes have no place that holds: otherwise the hostile half of the definition went untried.
    expect(hidden).toBeGreaterThan(20);
  });
});
