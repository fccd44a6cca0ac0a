import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../../tools/property-runs.ts";
import { concatBytes, createPrng, idKey, type Prng, type Stamp, utf8 } from "../../base/index.ts";
import { cellPrefix, fieldContainerId } from "../cell-key.ts";
import { encodeCell } from "../cells/cell-kind.ts";
import { Document } from "../document.ts";
import * as place from "../move-tree/place.ts";
import { placeKey, TREE_ROOT, TREE_TRASH } from "../move-tree/place.ts";
import { actorOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { type RoamingDelta, RoamingReplica } from "../reference/roaming.ts";
import { SUBJECTS } from "../reference/subjects/index.ts";
import type { Subject } from "../reference/subjects/subject.ts";
import { compactState } from "./compact-state.ts";
import { Holdings } from "./holdings.ts";
import type { CellChanges } from "./overlay.ts";

const RUNS = historiesOf(25);
const REPLICAS = 3;

type Cells = ReadonlyMap<string, Uint8Array>;

/** The compacted state after these deltas, of the one before them. */
function checkpoint(base: Cells, deltas: readonly RoamingDelta[]): Cells {
  const source = new MemorySource(base);
  const document = new Document(source);
  const written = new Holdings();
  for (const { joins, origin } of deltas) {
    expect(document.apply(joins, origin).ok).toBe(true);
    written.addJoins(joins, origin);
  }
  const touched = new Map(document.takeDirty().map(({ key, value }) => [idKey(key), value] as const));
  return withChanges(base, compactState(source, touched, written));
}

/** The state from scratch, compacted from all of its cells. */
function compacted(cells: Cells, deltas: readonly RoamingDelta[]): Cells {
  const written = new Holdings();
  for (const { joins, origin } of deltas) written.addJoins(joins, origin);
  return withChanges(new Map(), compactState(new MemorySource(), cells, written));
}

function withChanges(base: Cells, changes: CellChanges): Cells {
  const cells = new Map(base);
  for (const [key, value] of changes) {
    if (value === undefined) cells.delete(key);
    else cells.set(key, value);
  }
  return cells;
}

function after(base: Cells, deltas: readonly RoamingDelta[]): Cells {
  const source = new MemorySource(base);
  const document = new Document(source);
  for (const { joins, origin } of deltas) expect(document.apply(joins, origin).ok).toBe(true);
  source.put(document.takeDirty());
  return source.cells();
}

function shuffled<T>(items: readonly T[], prng: Prng): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const at = prng.below(i + 1);
    [copy[i], copy[at]] = [copy[at] as T, copy[i] as T];
  }
  return copy;
}

function plain(cells: Cells): [string, string][] {
  return [...cells].map(([key, value]): [string, string] => [key, idKey(value)]).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Of a tree without its trash, which is what a checkpoint empties. */
function show(subject: Subject, cells: Cells): unknown {
  const document = new Document(new MemorySource(cells));
  return subject.name === "tree" ? document.field("tree", "tree").walk() : subject.show(document);
}

function wander(subject: Subject, seed: number): RoamingReplica[] {
  const prng = createPrng(seed);
  const replicas = Array.from({ length: REPLICAS }, (_, index) => {
    return new RoamingReplica(index + 1, (tx, from) =>
      from.pick(subject.operations)(tx, from.below(4), `k${from.below(4)}`),
    );
  });
  for (let step = 0; step < 30; step++) {
    const replica = prng.pick(replicas);
    if (prng.chance(0.6)) replica.write(prng);
    else replica.pull(prng.pick(replicas), prng);
  }
  return replicas;
}

describe.each(SUBJECTS.map((subject) => [subject.name, subject] as const))("compaction of %s", (_name, subject) => {
  it("shows what was shown, has nothing left to drop, and goes from checkpoint to checkpoint in any order", () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const replicas = wander(subject, seed);
      const prng = createPrng(1000 + seed);
      const replica = prng.pick(replicas);
      const cells = replica.state();
      const whole = checkpoint(new Map(), replica.deltas);
      expect(plain(compacted(cells, replica.deltas)), `seed ${seed}`).toEqual(plain(whole));
      expect(show(subject, whole), `seed ${seed}`).toEqual(show(subject, cells));
      expect(plain(compacted(whole, replica.deltas)), `seed ${seed}`).toEqual(plain(whole));

      const cut = prng.below(replica.deltas.length + 1);
      const first = checkpoint(new Map(), replica.deltas.slice(0, cut));
      const rest = replica.deltas.slice(cut);
      const second = checkpoint(first, rest);
      expect(plain(checkpoint(first, shuffled(rest, prng))), `seed ${seed}`).toEqual(plain(second));
    }
  });

  it("joins with deltas from outside of it to one state, in any order", () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const [one, two] = wander(subject, seed) as [RoamingReplica, RoamingReplica];
      const prng = createPrng(2000 + seed);
      const base = checkpoint(new Map(), one.deltas);
      const outside = two.deltas.filter((delta) => !one.deltas.includes(delta));
      const state = after(base, outside);
      expect(plain(after(base, shuffled(outside, prng))), `seed ${seed}`).toEqual(plain(state));
      expect(plain(after(state, outside)), `seed ${seed}`).toEqual(plain(state));
    }
  });
});

describe("compaction of large trees", () => {
  it("leaves every shown node where it was, and no place of another", () => {
    const prng = createPrng(7);
    let dropped = 0;
    // Most of them have no cycle when few places are drawn; the others keep all.
    for (let run = 0; run < RUNS * 4; run++) {
      const cells = new Map<string, Uint8Array>();
      for (let i = 0; i < 4 + (run % 17); i++) {
        const [node, parent] = [`n${prng.below(6)}`, prng.pick([TREE_ROOT, TREE_TRASH, ...NODES])];
        const cell = { content: "V----", stamp: (1 + prng.below(12)) as Stamp, actor: actorOf(prng.below(2)) };
        cells.set(idKey(concatBytes(TREE, utf8(placeKey(node, parent)))), encodeCell(place, cell));
      }
      const left = withChanges(new Map(), compactState(new MemorySource(), cells, new Holdings()));
      expect(walk(left)).toEqual(walk(cells));
      const ids = new Set(walk(left).map(({ id }) => id));
      if (left.size === cells.size) continue;
      dropped++;
      for (const key of left.keys()) expect(ids).toContain(key.slice(TREE.length).split("\u0000")[0]);
    }
    expect(dropped).toBeGreaterThan(RUNS / 4);
  });
});

const NODES = ["n0", "n1", "n2", "n3", "n4", "n5"];
const TREE = cellPrefix("tree", fieldContainerId("tree", "tree"));

function walk(cells: Cells) {
  return new Document(new MemorySource(cells)).field("tree", "tree").walk();
}
