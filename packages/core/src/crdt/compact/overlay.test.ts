import { describe, expect, it } from "vitest";
import { bytesToHex, concatBytes, createPrng, idKey } from "../../base/index.ts";
import { prefixRange } from "../cell-key.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { Overlay } from "./overlay.ts";

function afterwards(
  base: ReadonlyMap<string, Uint8Array>,
  changes: readonly (readonly [string, Uint8Array | undefined])[],
) {
  const cells = new Map<string, Uint8Array | undefined>([...base, ...changes]);
  return [...cells].flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
}

function plain(rows: Iterable<readonly [Uint8Array, Uint8Array]>): string[][] {
  return Array.from(rows, ([key, value]) => [bytesToHex(key), bytesToHex(value)]);
}

describe("an overlay", () => {
  it("reads as its source would once the changes were written", () => {
    const prng = createPrng(3);
    const prefixes = [1, 2, 3].map((tag) => concatBytes(new Uint8Array(32).fill(5), Uint8Array.of(tag)));
    const keyOf = () => concatBytes(prng.pick(prefixes), Uint8Array.of(prng.below(12)));
    for (let run = 0; run < 200; run++) {
      const base = new Map(Array.from({ length: 8 }, () => [idKey(keyOf()), Uint8Array.of(prng.below(99))]));
      const changes = Array.from({ length: 8 }, () => {
        return [idKey(keyOf()), prng.chance(0.4) ? undefined : Uint8Array.of(prng.below(99))] as const;
      });
      const overlay = new Overlay(new MemorySource(base));
      for (const [key, value] of changes) overlay.set(key, value);
      const written = afterwards(base, changes);
      const expected = new MemorySource(written);
      const range = prng.chance(0.5)
        ? prefixRange(prng.pick(prefixes))
        : { gte: prng.chance(0.5) ? new Uint8Array(0) : keyOf(), lt: new Uint8Array(34).fill(255) };
      const limit = prng.chance(0.5) ? {} : { limit: prng.below(5) };
      const options = { ...range, ...limit, reverse: prng.chance(0.5) };
      expect(plain(overlay.range(options))).toEqual(plain(expected.range(options)));
      const key = keyOf();
      expect(overlay.get(key)).toEqual(expected.get(key));
    }
  });
});
