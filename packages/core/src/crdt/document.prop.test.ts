import { describe, expect, it } from "vitest";
import { bytesToHex, createPrng, type Prng, type Stamp } from "../base/index.ts";
import { Document } from "./document.ts";
import type { Origin } from "./origin.ts";
import { actorOf, memberOf } from "./reference/draw.ts";
import { MemorySource } from "./reference/memory-source.ts";
import { type ModelDelta, type ModelOperation, stateOf } from "./reference/model.ts";
import { naiveTextPlugin } from "./reference/naive-text.ts";
import type { Transaction } from "./transaction.ts";

const KEYS = ["a", "b", "c"];

interface Delta {
  readonly model: ModelDelta;
  readonly joins: Uint8Array;
  readonly origin: Origin;
}

class Replica {
  readonly source: MemorySource = new MemorySource();
  readonly deltas: Delta[] = [];
  readonly document: Document = new Document(this.source, naiveTextPlugin);
  readonly #index: number;

  constructor(index: number) {
    this.#index = index;
  }

  /** Random work, which may be rolled back. */
  write(prng: Prng): void {
    const stamp = (this.document.lastStamp + 1 + prng.below(2)) as Stamp;
    const origin = { stamp, actor: actorOf(this.#index), member: memberOf(this.#index) };
    const tx = this.document.begin(origin);
    const seen = this.deltas.map((delta) => delta.model);
    const operations = Array.from({ length: prng.below(5) }, () => operate(tx, prng, seen));
    if (prng.chance(0.3)) {
      tx.rollback();
      return;
    }
    const joins = tx.commit();
    const model: ModelDelta = { stamp, actor: origin.actor, operations };
    if (joins !== undefined) this.deltas.push({ model, joins, origin });
  }

  /** Takes over all that another replica has, sometimes twice. */
  pull(from: Replica, prng: Prng): void {
    for (const delta of from.deltas) {
      const isKnown = this.deltas.includes(delta);
      if (isKnown && prng.chance(0.8)) continue;
      expect(this.document.apply(delta.joins, delta.origin)).toEqual({ ok: true, value: { void: 0 } });
      if (!isKnown) this.deltas.push(delta);
    }
  }

  /** What a node does between calls: flush, forget, hash. */
  rest(prng: Prng): void {
    if (prng.chance(0.5)) this.source.put(this.document.takeDirty());
    if (prng.chance(0.5)) this.document.root();
    if (prng.chance(0.5)) this.document.release();
  }

  check(): void {
    const map = this.document.field("map", "m");
    const expected = stateOf(this.deltas.map((delta) => delta.model));
    expect({
      map: map.entries(),
      register: this.document.field("register", "r").get(),
      counter: this.document.field("counter", "c").value(),
      set: this.document.field("set", "s").values(),
    }).toEqual(expected);
    expect(map.size).toBe(expected.map.length);
  }
}

function operate(tx: Transaction, prng: Prng, seen: readonly ModelDelta[]): ModelOperation {
  const key = prng.pick(KEYS);
  const value = `v${prng.below(1000)}`;
  switch (prng.below(7)) {
    case 0:
      // Deleting what is not there is no write, so it does not win over a concurrent one.
      return tx.field("map", "m").delete(key) ? { kind: "put", key, value: undefined } : { kind: "add", amount: 0 };
    case 1:
    case 2:
      tx.field("map", "m").set(key, value);
      return { kind: "put", key, value };
    case 3:
      tx.field("register", "r").set(value);
      return { kind: "write", value };
    case 4: {
      const amount = prng.below(11) - 5;
      tx.field("counter", "c").add(amount);
      return { kind: "add", amount };
    }
    case 5:
      tx.field("set", "s").add(key);
      return { kind: "include", element: key };
    default:
      tx.field("set", "s").delete(key);
      return { kind: "exclude", element: key, seen };
  }
}

function runHistory(seed: number): void {
  const prng = createPrng(seed);
  const replicas = [1, 2, 3].map((index) => new Replica(index));
  for (let step = 0; step < 30; step++) {
    const replica = prng.pick(replicas);
    if (prng.chance(0.6)) replica.write(prng);
    else replica.pull(prng.pick(replicas), prng);
    replica.rest(prng);
    if (prng.chance(0.2)) replica.check();
  }
  for (const replica of replicas) for (const other of replicas) replica.pull(other, prng);
  const roots = replicas.map((replica) => {
    replica.check();
    replica.source.put(replica.document.takeDirty());
    expect(bytesToHex(replica.document.root())).toBe(bytesToHex(Document.rootOf(replica.source.entries())));
    return bytesToHex(replica.document.root());
  });
  expect(new Set(roots).size).toBe(1);
  checkAnyOrder(replicas[0]!.deltas, prng, roots[0]!);
}

/** Joins need no causal order: a shuffle with duplicates gives the same root, on a document opened from a store. */
function checkAnyOrder(deltas: readonly Delta[], prng: Prng, root: string): void {
  const source = new MemorySource();
  const shuffled = [...deltas, ...deltas].map((delta) => ({ delta, at: prng.u32() })).sort((a, b) => a.at - b.at);
  let document = new Document(source, naiveTextPlugin);
  for (const { delta } of shuffled) {
    document.apply(delta.joins, delta.origin);
    if (!prng.chance(0.2)) continue;
    source.put(document.takeDirty());
    document = new Document(source, naiveTextPlugin);
  }
  expect(bytesToHex(document.root())).toBe(root);
}

describe("random histories of three replicas", () => {
  it("show what the model shows and end at one root", () => {
    for (let seed = 1; seed <= 100; seed++) {
      try {
        runHistory(seed);
      } catch (failure) {
        throw new Error(`seed ${seed}`, { cause: failure });
      }
    }
  });
});
