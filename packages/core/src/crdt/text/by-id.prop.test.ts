import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../../tools/property-runs.ts";
import { actorId, createPrng, must, type Prng } from "../../base/index.ts";
import type { Anchor } from "./anchor.ts";
import type { ElementRun } from "./by-id.ts";
import { Network, type Replica } from "./reference/network.ts";

const HISTORIES = historiesOf(40);

/** A place in one replica's text that a sentinel marks: its anchor must follow the sentinel wherever that goes. */
interface Cursor {
  readonly anchor: Anchor;
  readonly sentinel: string;
}

describe("anchors over random histories", () => {
  it("stay beside their element on every replica", () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const prng = createPrng(seed);
      const network = twoWriters(prng);
      const cursors = writeWithCursors(prng, network);
      network.settle(prng);
      for (const { text } of network.replicas) {
        const shown = text.toString();
        for (const { anchor, sentinel } of cursors) {
          const at = must(text.indexOf(anchor), "a settled anchor is known");
          if (shown.includes(sentinel)) expect(shown[at], `seed ${seed}`).toBe(sentinel);
          expect(at, `seed ${seed}`).toBe(network.replicas[0]?.text.indexOf(anchor));
        }
      }
    }
  });

  it("move with the side they belong to", () => {
    const network = twoWriters(createPrng(1));
    const [{ text, actor }] = network.replicas as [Replica];
    text.insert(actor, 0, "ac");
    const [left, right] = [text.anchorAt(1, "before"), text.anchorAt(1, "after")];
    const [start, end] = [text.anchorAt(0, "before"), text.anchorAt(2, "after")];
    text.insert(actor, 1, "b");
    text.insert(actor, 3, "d");
    text.insert(actor, 0, "-");
    expect([left, right, start, end].map((anchor) => text.indexOf(anchor))).toEqual([2, 3, 0, 5]);
    text.delete(actor, 1, 3);
    expect([left, right].map((anchor) => text.indexOf(anchor))).toEqual([1, 1]);
    expect(text.indexOf({ at: "before", actor: actorId(new Uint8Array(16).fill(9)), counter: 1 })).toBeUndefined();
  });
});

describe("runs over random histories", () => {
  it("delete what is there, and text behind deleted runs is where the runs were", () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const prng = createPrng(seed);
      const network = twoWriters(prng);
      const [first, second] = network.replicas as [Replica, Replica];
      first.text.insert(first.actor, 0, "the quick brown fox jumps");
      second.text.insert(second.actor, 0, "over the lazy dog");
      first.commit();
      second.commit();
      network.settle(prng);
      for (let round = 0; round < 6; round++) undoAndRedo(prng, network, prng.pick(network.replicas), seed);
    }
  });

  it("that are gone or unknown delete nothing and leave no join", () => {
    const [{ text, actor }] = twoWriters(createPrng(1)).replicas as [Replica];
    text.insert(actor, 0, "abc");
    const runs = text.runsAt(0, 3);
    text.takeJoin();
    text.deleteRuns(actor, runs);
    expect(text.toString()).toBe("");
    text.takeJoin();
    text.deleteRuns(actor, [...runs, { actor: new Uint8Array(16).fill(9), start: 1, end: 9 }]);
    expect(text.insertBehind(actor, [], "")).toEqual([]);
    expect(text.takeJoin()).toBeUndefined();
  });
});

/** Random edits; each unit occurs once, so that an element is found by its unit. */
function writeWithCursors(prng: Prng, network: Network): Cursor[] {
  const cursors: Cursor[] = [];
  let unit = 0x4e00;
  for (let step = 0; step < 60; step++) {
    const replica = prng.pick(network.replicas);
    const { text, actor } = replica;
    if (text.length > 0 && prng.chance(0.3)) text.delete(actor, prng.below(text.length), 1);
    const position = prng.below(text.length + 1);
    for (let i = prng.below(4); i > 0; i--) text.insert(actor, position, String.fromCharCode(unit++));
    if (text.length > 0 && prng.chance(0.3)) {
      const at = prng.below(text.length);
      cursors.push({ anchor: text.anchorAt(at, "after"), sentinel: text.slice(at, at + 1) });
    }
    replica.commit();
    if (prng.chance(0.2)) network.settle(prng);
  }
  return cursors;
}

/** Deletes a range by position, puts it back, and deletes it by id, while the other writes elsewhere in the text. */
function undoAndRedo(prng: Prng, network: Network, replica: Replica, seed: number): void {
  const { text, actor } = replica;
  const position = prng.below(text.length + 1);
  const count = Math.min(text.length - position, prng.below(12));
  const before = text.toString();
  const removed = text.slice(position, position + count);
  const runs = text.runsAt(position, count);
  expect(lengthOf(runs)).toBe(count);
  text.delete(actor, position, count);
  if (prng.chance(0.5)) replica.commit();
  const restored = text.insertBehind(actor, runs, removed);
  expect(text.toString(), `seed ${seed}`).toBe(before);
  if (prng.chance(0.5)) replica.commit();
  text.deleteRuns(actor, prng.chance(0.5) ? restored : [...restored].reverse());
  expect(text.toString(), `seed ${seed}`).toBe(before.slice(0, position) + before.slice(position + count));
  replica.commit();
  const other = prng.pick(network.replicas);
  other.text.insert(other.actor, prng.below(other.text.length + 1), "new");
  other.commit();
  network.settle(prng);
  for (const { text: settled, reference } of network.replicas) {
    expect(settled.toString(), `seed ${seed}`).toBe(reference.toString());
    expect(settled.toString(), `seed ${seed}`).toBe(network.replicas[0]?.text.toString());
  }
}

function twoWriters(prng: Prng): Network {
  return new Network([prng.bytes(16), prng.bytes(16)]);
}

function lengthOf(runs: readonly ElementRun[]): number {
  return runs.reduce((sum, { start, end }) => sum + end - start, 0);
}
