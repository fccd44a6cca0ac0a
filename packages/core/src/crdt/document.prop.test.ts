import { describe, expect, it } from "vitest";
import { bytesToHex, createPrng, type Prng, type Stamp } from "../base/index.ts";
import { Document } from "./document.ts";
import type { Views } from "./handles/handles.ts";
import type { MapView } from "./handles/map.ts";
import type { Origin } from "./origin.ts";
import { actorOf, memberOf } from "./reference/draw.ts";
import { MemorySource } from "./reference/memory-source.ts";
import { type ModelDelta, type ModelOperation, stateOf } from "./reference/model.ts";
import type { Transaction } from "./transaction.ts";

const KEYS = ["a", "b", "c"];

interface Delta {
  readonly model: ModelDelta;
  readonly joins: Uint8Array;
  readonly origin: Origin;
}

type Operate = (tx: Transaction, prng: Prng, seen: readonly ModelDelta[]) => ModelOperation | undefined;

class Replica {
  readonly source: MemorySource = new MemorySource();
  readonly deltas: Delta[] = [];
  readonly document: Document = new Document(this.source);
  readonly #index: number;
  readonly #operate: Operate;

  constructor(index: number, operate: Operate) {
    this.#index = index;
    this.#operate = operate;
  }

  /** Random work, which may be rolled back. */
  write(prng: Prng): void {
    const stamp = (this.document.lastStamp + 1 + prng.below(2)) as Stamp;
    const origin = { stamp, actor: actorOf(this.#index), member: memberOf(this.#index) };
    const tx = this.document.begin(origin);
    const seen = this.deltas.map((delta) => delta.model);
    const operations = Array.from({ length: prng.below(5) }, () => this.#operate(tx, prng, seen));

    if (prng.chance(0.3)) {
      tx.rollback();
      return;
    }
    const joins = tx.commit();
    const model: ModelDelta = {
      stamp,
      actor: origin.actor,
      operations: operations.filter((operation) => operation !== undefined),
    };
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
  const replicas = [1, 2, 3].map((index) => new Replica(index, operate));
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
  let document = new Document(source);
  for (const { delta } of shuffled) {
    document.apply(delta.joins, delta.origin);
    if (!prng.chance(0.2)) continue;
    source.put(document.takeDirty());
    document = new Document(source);
  }
  expect(bytesToHex(document.root())).toBe(root);
}

/** Nested containers of every type, created, written, deleted and replaced; no model, only convergence. */
function nest(tx: Transaction, prng: Prng): undefined {
  let map = tx.field("map", "m");
  for (let depth = prng.below(3); depth > 0; depth--) map = map.child("map", prng.pick(KEYS));
  const key = prng.pick(KEYS);
  switch (prng.below(6)) {
    case 0:
      map.delete(key);
      break;
    case 1:
      map.set(key, prng.below(10));
      break;
    case 2:
      map.child("counter", key).add(1 + prng.below(5));
      break;
    case 3:
      map.child("set", key).add(prng.below(3));
      break;
    case 4:
      map.child("register", key).set(prng.below(10));
      break;
    default: {
      const text = map.child("text", key);
      if (text.length > 3) text.delete(prng.below(text.length - 1), 1);
      text.insert(prng.below(text.length + 1), "abc");
    }
  }
}

/** Everything that shows below a map. */
function dump(map: MapView<Views>): unknown {
  return map.keys().map((key) => {
    const kind = map.kindOf(key);
    if (kind === "map") return [key, dump(map.nested("map", key)!)];
    const shown =
      map.get(key) ??
      map.nested("counter", key)?.value() ??
      map.nested("set", key)?.values() ??
      map.nested("text", key)?.toString() ??
      map.nested("register", key)?.get();
    return [key, kind, shown, map.conflicts(key)];
  });
}

function runNestedHistory(seed: number): void {
  const prng = createPrng(seed);
  const replicas = [1, 2, 3].map((index) => new Replica(index, nest));
  for (let step = 0; step < 25; step++) {
    const replica = prng.pick(replicas);
    if (prng.chance(0.6)) replica.write(prng);
    else replica.pull(prng.pick(replicas), prng);
    replica.rest(prng);
  }
  for (const replica of replicas) for (const other of replicas) replica.pull(other, prng);
  const dumps = replicas.map(({ document, source }) => {
    source.put(document.takeDirty());
    const root = bytesToHex(document.root());
    expect(root).toBe(bytesToHex(Document.rootOf(source.entries())));
    const shown = dump(document.field("map", "m"));
    expect(dump(new Document(source).field("map", "m"))).toEqual(shown);
    return JSON.stringify([root, shown]);
  });
  expect(new Set(dumps).size).toBe(1);
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

  it("with nested containers and texts converge, and are the same when opened again", () => {
    for (let seed = 1; seed <= 60; seed++) {
      try {
        runNestedHistory(seed);
      } catch (failure) {
        throw new Error(`seed ${seed}`, { cause: failure });
      }
    }
  });
});
