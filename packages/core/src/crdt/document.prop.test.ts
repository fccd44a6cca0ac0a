import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../tools/property-runs.ts";
import { bytesToHex, createPrng, type Prng } from "../base/index.ts";
import { Document } from "./document.ts";
import type { Views } from "./handles/handles.ts";
import type { MapView } from "./handles/map.ts";
import { RoamingReplica } from "./reference/roaming.ts";
import type { Transaction } from "./transaction.ts";

const KEYS = ["a", "b", "c"];

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
  const replicas = [1, 2, 3].map((index) => new RoamingReplica(index, nest));
  for (let step = 0; step < 25; step++) {
    const replica = prng.pick(replicas);
    if (prng.chance(0.6)) replica.write(prng);
    else replica.pull(prng.pick(replicas), prng);
    replica.rest(prng);
  }
  for (const replica of replicas) for (const other of replicas) replica.pullAll(other, prng);
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
  it("with nested containers and texts converge, and are the same when opened again", () => {
    for (let seed = 1; seed <= historiesOf(60); seed++) {
      try {
        runNestedHistory(seed);
      } catch (failure) {
        throw new Error(`seed ${seed}`, { cause: failure });
      }
    }
  });
});
