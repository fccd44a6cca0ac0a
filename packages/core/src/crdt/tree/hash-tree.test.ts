import { describe, expect, it } from "vitest";
import { bytesToHex, createPrng, type Entry } from "../../base/index.ts";
import { HashTree } from "./hash-tree.ts";
import { rootOf } from "./root-of.ts";

describe("the hash tree", () => {
  it("has the root that is computed from scratch, after every change", () => {
    const prng = createPrng(5);
    const tree = new HashTree();
    const cells = new Map<string, Entry>();
    expect(tree.root()).toEqual(rootOf([]));
    for (let step = 0; step < 600; step++) {
      const key = Uint8Array.of(prng.below(2), prng.below(200));
      const value = prng.bytes(prng.below(80));
      tree.set(key, value);
      cells.set(bytesToHex(key), [key, value]);
      if (step < 40 || prng.chance(0.1)) expect(tree.root()).toEqual(rootOf(cells.values()));
    }
    expect(tree.size).toBe(cells.size);
    expect(tree.root()).toEqual(rootOf(cells.values()));
  });

  it("does not depend on the order in which cells came", () => {
    const entries = Array.from(
      { length: 500 },
      (_, i): Entry => [Uint8Array.of(i >> 8, i & 255), Uint8Array.of(i % 7)],
    );
    const forward = new HashTree();
    const backward = new HashTree();
    for (const [key, value] of entries) forward.set(key, value);
    for (const [key, value] of [...entries].reverse()) backward.set(key, value);
    expect(forward.root()).toEqual(backward.root());
  });

  it("tells a key from a value and one cell from two", () => {
    const roots = [
      rootOf([]),
      rootOf([[Uint8Array.of(1), Uint8Array.of(2, 3)]]),
      rootOf([[Uint8Array.of(1, 2), Uint8Array.of(3)]]),
      rootOf([
        [Uint8Array.of(1), Uint8Array.of(2)],
        [Uint8Array.of(2), Uint8Array.of(3)],
      ]),
    ].map(bytesToHex);
    expect(new Set(roots).size).toBe(roots.length);
  });
});
