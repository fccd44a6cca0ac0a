import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../../tools/property-runs.ts";
import { bytesToHex, createPrng, type Prng, type Stamp } from "../../base/index.ts";
import { Document } from "../document.ts";
import type { Origin } from "../origin.ts";
import { actorOf, memberOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { type PlaceCell, TREE_ROOT, TREE_TRASH } from "./place.ts";
import { shownTree } from "./reference/shown-tree.ts";
import type { TreeWriter } from "./tree-writer.ts";

interface Delta {
  readonly joins: Uint8Array;
  readonly origin: Origin;
}

class Replica {
  readonly source: MemorySource = new MemorySource();
  document: Document = new Document(this.source);
  readonly deltas: Delta[] = [];
  readonly #index: number;

  constructor(index: number) {
    this.#index = index;
  }

  write(prng: Prng): void {
    const stamp = (this.document.lastStamp + 1 + prng.below(2)) as Stamp;
    const origin = { stamp, actor: actorOf(this.#index), member: memberOf(this.#index) };
    const tx = this.document.begin(origin);
    for (let count = 1 + prng.below(4); count > 0; count--) operate(tx.field("tree", "t"), prng);
    if (prng.chance(0.2)) {
      tx.rollback();
      return;
    }
    const joins = tx.commit();
    if (joins !== undefined) this.deltas.push({ joins, origin });
  }

  pull(from: Replica, prng: Prng): void {
    for (const delta of from.deltas) {
      const isKnown = this.deltas.includes(delta);
      if (isKnown && prng.chance(0.9)) continue;
      expect(this.document.apply(delta.joins, delta.origin)).toEqual({ ok: true, value: { void: 0 } });
      if (!isKnown) this.deltas.push(delta);
    }
  }

  rest(prng: Prng): void {
    if (prng.chance(0.4)) this.source.put(this.document.takeDirty());
    if (prng.chance(0.3)) this.document.root();
    if (prng.chance(0.3)) this.document.release();
  }

  /** Every node that was ever placed shows exactly once, where the definition says. */
  check(): string[] {
    const tree = this.document.field("tree", "t");
    const cells = new Map<string, PlaceCell>();
    tree.target.visitAll((cell, key) => cells.set(key, cell));
    const expected = shownTree(cells);
    const nodes = new Set([...cells.keys()].map((key) => key.slice(0, key.indexOf("\u0000"))));
    for (const parent of [TREE_ROOT, TREE_TRASH, ...nodes]) {
      expect(tree.childrenOf(parent)).toEqual(expected.get(parent) ?? []);
    }
    const walked = [...tree.walk(), ...tree.walk({ from: TREE_TRASH })].map(({ id }) => id);
    expect([...walked].sort()).toEqual([...nodes].sort());
    expect(tree.walk().length).toBe(tree.size);
    return walked;
  }
}

/** Mostly moves, between few nodes, so that cycles come up often. */
function operate(tree: TreeWriter, prng: Prng): void {
  const nodes = [...tree.walk(), ...tree.walk({ from: TREE_TRASH })].map(({ id }) => id);
  const live = [TREE_ROOT, ...tree.walk().map(({ id }) => id)];
  const parent = prng.pick(live);
  if (nodes.length < 3 || prng.chance(0.2)) {
    const id = prng.chance(0.5) ? prng.pick(["a", "b", "c"]) : undefined;
    if (id === undefined || !nodes.includes(id)) tree.create(parent, id === undefined ? {} : { id });
    return;
  }
  const node = prng.pick(nodes);
  if (prng.chance(0.15)) {
    tree.remove(node);
    return;
  }
  if (parent === node || tree.isDescendant(parent, node)) return;
  const isSibling = tree.parentOf(node) === parent;
  const index = prng.below(tree.childCount(parent) + (isSibling ? 0 : 1));
  const siblings = tree.childrenOf(parent).filter((child) => child !== node);
  tree.move(node, parent, index);
  expect(tree.parentOf(node)).toBe(parent);
  // A move that ends a cycle lets others go back to where they were moved last, to the parent or away from it.
  const children = tree.childrenOf(parent);
  const expected = siblings.toSpliced(index, 0, node).filter((child) => children.includes(child));
  expect(children.filter((child) => expected.includes(child))).toEqual(expected);
}

function runHistory(seed: number): void {
  const prng = createPrng(seed);
  const replicas = [1, 2, 3].map((index) => new Replica(index));
  for (let step = 0; step < 40; step++) {
    const replica = prng.pick(replicas);
    if (prng.chance(0.6)) replica.write(prng);
    else replica.pull(prng.pick(replicas), prng);
    replica.rest(prng);
    if (prng.chance(0.2)) replica.check();
  }
  for (const replica of replicas) for (const other of replicas) replica.pull(other, prng);
  const ends = replicas.map((replica) => {
    const shown = replica.check();
    replica.source.put(replica.document.takeDirty());
    const root = bytesToHex(replica.document.root());
    expect(root).toBe(bytesToHex(Document.rootOf(replica.source.entries())));
    replica.document = new Document(replica.source);
    expect(replica.check()).toEqual(shown);
    return JSON.stringify([root, shown]);
  });
  expect(new Set(ends).size).toBe(1);
}

describe("random histories of three replicas that move nodes", () => {
  it("show every node once, alike, and where the definition says", () => {
    for (let seed = 1; seed <= historiesOf(60); seed++) {
      try {
        runHistory(seed);
      } catch (failure) {
        throw new Error(`seed ${seed}`, { cause: failure });
      }
    }
  });
});
