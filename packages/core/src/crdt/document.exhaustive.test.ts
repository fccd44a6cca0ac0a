import { describe, expect, it } from "vitest";
import { bytesToHex, type Stamp } from "../base/index.ts";
import { Document } from "./document.ts";
import type { Origin } from "./origin.ts";
import { originOf } from "./reference/draw.ts";
import { MemorySource } from "./reference/memory-source.ts";
import { type ModelDelta, type ModelOperation, stateOf } from "./reference/model.ts";
import type { Transaction } from "./transaction.ts";

/**
 * Every history of three operations by up to three actors: every choice of kinds and of authors, every set of earlier
 * operations that each may have seen. Concurrent operations get equal stamps wherever their pasts are equally long.
 */

type Work = (tx: Transaction, index: number, seen: readonly ModelDelta[]) => ModelOperation | undefined;

interface Step {
  readonly origin: Origin;
  readonly joins: Uint8Array | undefined;
  readonly model: ModelDelta;
  readonly seen: ReadonlySet<Step>;
}

const OPERATIONS = 3;
const ACTORS = [1, 2, 3];
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

function replay(steps: Iterable<Step>): Document {
  const document = new Document(new MemorySource());
  for (const { joins, origin } of steps) if (joins !== undefined) document.apply(joins, origin);
  return document;
}

/** The operation, by an actor who has seen these steps and all that those had seen. */
function perform(work: Work, actor: number, index: number, chosen: readonly Step[]): Step {
  const seen = new Set(chosen.flatMap((step) => [...step.seen, step]));
  const document = replay(seen);
  const stamp = Math.max(0, ...[...seen].map((step) => step.origin.stamp)) + 1;
  const origin = originOf(stamp, actor);
  const tx = document.begin(origin);
  const operation = work(
    tx,
    index,
    [...seen].map((step) => step.model),
  );
  const operations = operation === undefined ? [] : [operation];
  return { origin, joins: tx.commit(), model: { stamp: stamp as Stamp, actor: origin.actor, operations }, seen };
}

/** Every way to add a step to a history. An actor has always seen its own steps. */
function extensions(history: readonly Step[], works: readonly Work[]): Step[] {
  const steps: Step[] = [];
  for (let mask = 0; mask < 1 << history.length; mask++) {
    const chosen = history.filter((_, i) => (mask & (1 << i)) !== 0);
    for (const actor of ACTORS) {
      const own = history.filter((step) => step.origin.actor[0] === actor);
      if (own.some((step) => !chosen.includes(step))) continue;
      for (const work of works) steps.push(perform(work, actor, history.length, chosen));
    }
  }
  return steps;
}

function checkHistory(history: readonly Step[]): void {
  const expected = stateOf(history.map((step) => step.model));
  const roots = ORDERS.map((order) => {
    const document = replay(order.flatMap((i) => [history[i]!, history[0]!]));
    expect(document.field("register", "r").get()).toBe(expected.register);
    expect(document.field("set", "s").values()).toEqual(expected.set);
    expect(document.field("map", "m").entries()).toEqual(expected.map);
    return bytesToHex(document.root());
  });
  expect(new Set(roots).size).toBe(1);
}

function checkAll(works: readonly Work[]): number {
  let count = 0;
  const grow = (history: readonly Step[]): void => {
    if (history.length === OPERATIONS) {
      checkHistory(history);
      count++;
      return;
    }
    for (const step of extensions(history, works)) grow([...history, step]);
  };
  grow([]);
  return count;
}

const add: Work = (tx) => {
  tx.field("set", "s").add("e");
  return { kind: "include", element: "e" };
};
const remove: Work = (tx, _index, seen) => {
  tx.field("set", "s").delete("e");
  return { kind: "exclude", element: "e", seen };
};
const write: Work = (tx, index) => {
  tx.field("register", "r").set(`v${index}`);
  return { kind: "write", value: `v${index}` };
};
const put: Work = (tx, index) => {
  tx.field("map", "m").set("k", `v${index}`);
  return { kind: "put", key: "k", value: `v${index}` };
};
const drop: Work = (tx) => (tx.field("map", "m").delete("k") ? { kind: "put", key: "k", value: undefined } : undefined);

describe("every history of three operations", () => {
  it("of a register converges to what the model shows", () => {
    expect(checkAll([write])).toBeGreaterThan(60);
  });

  it("of a set element converges to what the model shows", () => {
    expect(checkAll([add, remove])).toBeGreaterThan(500);
  });

  it("of a map entry converges to what the model shows", () => {
    expect(checkAll([put, drop])).toBeGreaterThan(500);
  });
});
