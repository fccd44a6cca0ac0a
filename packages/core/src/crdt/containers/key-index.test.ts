import { describe, expect, it } from "vitest";
import { createPrng } from "../../base/index.ts";
import { hashKey } from "../key-hash.ts";
import { KEY_PROBES_MAX } from "../limits.ts";
import { collidingKeys } from "../reference/colliding-keys.ts";
import { KeyIndex, NO_SLOT } from "./key-index.ts";

const KEYS = 400;
const STEPS = 20_000;

describe("a key index", () => {
  it("does as a Map does, whatever is added and removed", () => {
    const prng = createPrng(5);
    const index = new KeyIndex();
    const model = new Map<string, number>();
    // The number of keys swells and shrinks, so that the table grows, is emptied and is cut.
    for (let step = 0; step < STEPS; step++) {
      const key = `key-${prng.below(KEYS)}`;
      expect(index.find(key)).toBe(model.get(key) ?? NO_SLOT);
      const slot = model.get(key);
      const isAdding = prng.chance(step % 4000 < 2000 ? 0.9 : 0.1);
      if (slot === undefined && isAdding) model.set(key, index.add(key));
      if (slot !== undefined && !isAdding) {
        index.remove(slot);
        model.delete(key);
      }
      if (step % 1000 === 0) index.trim();
    }
    for (const [key, slot] of model) expect([index.find(key), index.keyAt(slot)]).toEqual([slot, key]);
    expect(new Set(model.values()).size).toBe(model.size);
  });

  it("knows the hash of each key, however it has grown", () => {
    const index = new KeyIndex();
    for (let i = 0; i < 3000; i++) {
      const slot = index.add(`key-${i}`);
      expect(index.hashAt(slot)).toBe(hashKey(`key-${i}`));
      if (i === 1000) index.reserve(1500);
    }
    for (let slot = 0; slot < 3000; slot++) expect(index.hashAt(slot)).toBe(hashKey(index.keyAt(slot)));
  });

  it("takes slots that were let go before new ones", () => {
    const index = new KeyIndex();
    for (let i = 0; i < 100; i++) index.add(`key-${i}`);
    index.remove(index.find("key-7"));
    expect(index.find("key-7")).toBe(NO_SLOT);
    expect(index.add("other")).toBe(7);
    for (let i = 99; i > 7; i--) index.remove(index.find(`key-${i}`));
    expect(index.slotEnd).toBe(8);
  });

  it("finds keys that were made to collide, and more of them than a look-up tries", () => {
    const keys = collidingKeys(KEY_PROBES_MAX * 2);
    const index = new KeyIndex();
    const slots = keys.map((key) => (index.find(key) === NO_SLOT ? index.add(key) : NO_SLOT));
    expect(keys.map((key) => index.find(key))).toEqual(slots);
    index.remove(index.find(keys[3] as string));
    expect(index.find(keys[3] as string)).toBe(NO_SLOT);
    expect(index.add("after")).toBe(slots[3]);
    expect(index.find("after")).toBe(slots[3]);
  });
});
