import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../../tools/property-runs.ts";
import { bytesToHex, createPrng, type Prng, type Stamp } from "../../base/index.ts";
import { Document } from "../document.ts";
import type { Origin } from "../origin.ts";
import { drawValue, originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import type { Transaction } from "../transaction.ts";

interface Delta {
  readonly joins: Uint8Array;
  readonly origin: Origin;
}

const KEYS = ["", "a", "b", "zażółć", "😀", "a key of more than twenty-four characters", "\ue000"];

/** One write to a container of some type, nested ones too. */
function write(tx: Transaction, prng: Prng): void {
  const map = tx.field("map", prng.pick(["m", "n"]));
  const key = prng.pick(KEYS);
  switch (prng.below(9)) {
    case 0:
      map.delete(key);
      return;
    case 1:
      map.child("counter", key).add(1 + prng.below(9));
      return;
    case 2:
      map.child("map", key).set(prng.pick(KEYS), drawValue(prng, 2));
      return;
    case 3:
      tx.field("set", "s").add(drawValue(prng, 1));
      return;
    case 4:
      tx.field("register", "r").set(drawValue(prng, 1));
      return;
    case 5:
      tx.field("text", "t").insert(0, prng.pick(["abc", "😀", "x"]));
      return;
    case 6:
      insertOrDelete(tx, `doc-${prng.below(9)}`);
      return;
    default:
      map.set(key, prng.chance(0.5) ? `value-${prng.below(1000)}` : drawValue(prng, 2));
  }
}

function insertOrDelete(tx: Transaction, id: string): void {
  const docs = tx.field("records", "docs");
  if (docs.has(id)) docs.delete(id);
  else docs.insert(id);
}

function draw(prng: Prng, document: Document, actor: number): Delta | undefined {
  const origin = originOf(document.lastStamp + 1 + prng.below(1000), actor);
  const tx = document.begin(origin);
  for (let i = prng.below(12); i >= 0; i--) write(tx, prng);
  const joins = tx.commit();
  return joins && { joins, origin };
}

function history(prng: Prng): Delta[] {
  const replicas = [1, 2].map(() => new Document(new MemorySource()));
  const deltas: Delta[] = [];
  for (let step = 0; step < 12; step++) {
    const writer = prng.below(2);
    const delta = draw(prng, replicas[writer]!, writer + 1);
    if (delta === undefined) continue;
    deltas.push(delta);
    if (prng.chance(0.6)) replicas[1 - writer]!.apply(delta.joins, delta.origin);
  }
  return deltas;
}

function hex(pages: readonly Uint8Array[]): string[] {
  return pages.map(bytesToHex);
}

/** All deltas in this order, over a store that is flushed and forgotten now and then. */
function fold(deltas: readonly Delta[], prng: Prng): Document {
  const source = new MemorySource();
  const document = new Document(source);
  for (const { joins, origin } of deltas) {
    document.apply(joins, origin);
    if (prng.chance(0.3)) source.put(document.takeDirty());
    if (prng.chance(0.3)) document.release();
  }
  return document;
}

function load(pages: readonly Uint8Array[], mode: "checked" | "lazy"): Document {
  const loaded = Document.load(pages, mode);
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value;
}

function checkHistory(seed: number): void {
  const prng = createPrng(seed);
  const deltas = history(prng);
  const document = fold(deltas, prng);
  const pages = document.encodeState();
  expect(hex(fold(deltas.toReversed(), prng).encodeState())).toEqual(hex(pages));

  const root = bytesToHex(document.root());
  for (const mode of ["checked", "lazy"] as const) {
    const loaded = load(pages, mode);
    expect(hex(loaded.encodeState())).toEqual(hex(pages));
    expect(bytesToHex(loaded.root())).toBe(root);
  }

  // Half of the deltas again over the pages, which are touched here and there, and the other half first seen there.
  const half = load(fold(deltas.slice(0, deltas.length >> 1), prng).encodeState(), "lazy");
  for (const { joins, origin } of deltas) half.apply(joins, origin);
  expect(hex(half.encodeState())).toEqual(hex(pages));
  expect(bytesToHex(half.root())).toBe(root);
}

describe("the state as pages", () => {
  it("depends on the state alone, loads as it was and takes further joins", () => {
    for (let seed = 1; seed <= historiesOf(25); seed++) {
      try {
        checkHistory(seed);
      } catch (failure) {
        throw new Error(`seed ${seed}`, { cause: failure });
      }
    }
  });

  it("of a large map is parsed where it is touched, and handed on elsewhere", () => {
    const document = new Document(new MemorySource());
    const tx = document.begin(originOf(1, 1));
    for (let i = 0; i < 20_000; i++) tx.field("map", "m").set(`key-${i}`, `value-${i}`);
    tx.commit();
    const pages = document.encodeState();
    expect(pages.length).toBeGreaterThan(8);

    const loaded = load(pages, "lazy");
    const change = loaded.begin({ ...originOf(2, 2), stamp: 2 as Stamp });
    expect(change.field("map", "m").get("key-77")).toBe("value-77");
    expect(change.field("map", "m").get("no such key")).toBeUndefined();
    change.field("map", "m").set("key-77", "changed");
    const joins = change.commit()!;
    const after = loaded.encodeState();
    expect(after.filter((page) => pages.includes(page)).length).toBeGreaterThanOrEqual(pages.length - 2);

    document.apply(joins, originOf(2, 2));
    expect(hex(document.encodeState())).toEqual(hex(after));
    expect(load(after, "checked").field("map", "m").entries()).toEqual(document.field("map", "m").entries());
  });
});
