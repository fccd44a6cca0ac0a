import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../tools/property-runs.ts";
import { bytesToHex, createPrng, type Prng } from "../base/index.ts";
import type { Lattice } from "./cells/cell-kind.ts";
import { Document } from "./document.ts";
import { MemorySource } from "./reference/memory-source.ts";
import { RoamingReplica, type Work } from "./reference/roaming.ts";
import { type Cells, StateTable } from "./reference/states.ts";
import { SUBJECTS } from "./reference/subjects/index.ts";
import type { Subject } from "./reference/subjects/subject.ts";

const KEYS = ["a", "b", "c"];
const STEPS = 30;
const SEEDS = historiesOf(25);

/** A random operation of a random one of these. */
function workOf(subjects: readonly Subject[]): Work {
  return (tx, prng) => prng.pick(prng.pick(subjects).operations)(tx, prng.below(6), prng.pick(KEYS));
}

function runHistory(seed: number, subjects: readonly Subject[]): void {
  const prng = createPrng(seed);
  const replicas = Array.from({ length: 2 + prng.below(4) }, (_, i) => new RoamingReplica(i + 1, workOf(subjects)));
  const states: Cells[] = [];
  for (let step = 0; step < STEPS; step++) {
    const replica = prng.pick(replicas);
    if (prng.chance(0.6)) replica.write(prng);
    else replica.pull(prng.pick(replicas), prng);
    replica.rest(prng);
    if (!prng.chance(0.3)) continue;
    check(replica, subjects);
    states.push(replica.state());
  }
  for (const replica of replicas) for (const other of replicas) replica.pullAll(other, prng);
  const roots = replicas.map((replica) => {
    check(replica, subjects);
    const root = bytesToHex(replica.document.root());
    replica.state();
    expect(bytesToHex(Document.rootOf(replica.source.entries()))).toBe(root);
    return root;
  });
  expect(new Set(roots).size).toBe(1);
  checkAnyOrder(replicas[0]!, prng, roots[0]!);
  const [subject, ...others] = subjects;
  if (others.length === 0 && subject?.lattice) checkStates(subject.lattice, states, replicas[0]!.state(), prng);
}

/** What shows in memory is what shows when opened again, and what the model says. */
function check({ document, deltas, source }: RoamingReplica, subjects: readonly Subject[]): void {
  source.put(document.takeDirty());
  const again = new Document(source);
  for (const { name, show, model } of subjects) {
    expect(show(document), name).toEqual(show(again));
    const expected = model?.(deltas.map((delta) => delta.model));
    if (model !== undefined) expect(show(document), name).toEqual(expected);
  }
}

/** Joins need no causal order: a shuffle with duplicates gives the same root, on a document opened from a store. */
function checkAnyOrder({ deltas }: RoamingReplica, prng: Prng, root: string): void {
  const source = new MemorySource();
  const shuffled = [...deltas, ...deltas].map((delta) => ({ delta, at: prng.u32() })).sort((a, b) => a.at - b.at);
  let document = new Document(source);
  for (const { delta } of shuffled) {
    document.apply(delta.joins, delta.origin);
    if (!prng.chance(0.2)) continue;
    source.put(document.takeDirty());
    document = new Document(source);
  }
  expect(bytesToHex(document.root())).toBe(root);
}

/** The laws, on states that replicas were really in; and all of them joined are what all deltas give. */
function checkStates(kind: Lattice<unknown>, states: readonly Cells[], end: Cells, prng: Prng): void {
  const table = new StateTable();
  const known = [...states, end].map((state) => table.intern(state));
  const join = (a: Cells, b: Cells) => table.join(kind, a, b);
  for (let run = 0; run < 10; run++) {
    const [a, b, c] = [prng.pick(known), prng.pick(known), prng.pick(known)];
    expect(join(a, b)).toBe(join(b, a));
    expect(join(join(a, b), c)).toBe(join(a, join(b, c)));
    expect(join(a, a)).toBe(a);
    expect(join(a, table.empty)).toBe(a);
  }
  expect(known.reduce(join, table.empty)).toBe(table.intern(end));
}

const GROUPS = [
  ...SUBJECTS.map((subject) => ({ name: subject.name, subjects: [subject] })),
  { name: "all types", subjects: SUBJECTS },
];

describe.each(GROUPS)("random histories of $name", ({ subjects }) => {
  it("show what the model says, and end in one state by every path", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        runHistory(seed, subjects);
      } catch (failure) {
        throw new Error(`seed ${seed}`, { cause: failure });
      }
    }
  });
});
