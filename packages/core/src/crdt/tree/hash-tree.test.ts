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

describe("stored pages", () => {
  function scene(seed: number, bytesMax: number) {
    const prng = createPrng(seed);
    const rows = new Map<string, Uint8Array>();
    const cells = new Map<string, Entry>();
    let reads = 0;
    let root: Uint8Array | undefined;
    const open = (): HashTree => {
      const page = (key: Uint8Array) => {
        reads++;
        return rows.get(bytesToHex(key));
      };
      return new HashTree(root && { root, page });
    };
    const change = (tree: HashTree): void => {
      const key = Uint8Array.of(prng.below(8), prng.below(256));
      const value = prng.bytes(6);
      tree.set(key, value);
      cells.set(bytesToHex(key), [key, value]);
    };
    const store = (tree: HashTree): void => {
      root = tree.root();
      for (let isRest = false; !isRest; ) {
        const taken = tree.takeDirty(7);
        isRest = taken.isRest;
        for (const { key, value } of taken.rows) rows.set(bytesToHex(key), value);
      }
      tree.forget(bytesMax);
    };
    return { rows, cells, open, change, store, reads: () => reads };
  }

  it("make the same tree, opened again and forgotten at any time", () => {
    for (const bytesMax of [0, 20_000, 1_000_000]) {
      const { cells, open, change, store } = scene(9, bytesMax);
      let tree = open();
      for (let round = 0; round < 40; round++) {
        for (let i = 0; i < 40; i++) change(tree);
        if (round % 3 === 0) store(tree);
        if (round % 10 === 0) {
          store(tree);
          tree = open();
        }
        expect(tree.root()).toEqual(rootOf(cells.values()));
      }
      store(tree);
      open().verify();
    }
  });

  it("are a function of the set of cells alone", () => {
    const [forward, backward] = [new HashTree(), new HashTree()];
    const entries = Array.from({ length: 3_000 }, (_, i): Entry => [Uint8Array.of(i >> 8, i), Uint8Array.of(i % 7)]);
    for (const [key, value] of entries) forward.set(key, value);
    for (const [key, value] of [...entries].reverse()) backward.set(key, value);
    const rows = (tree: HashTree): string[] => {
      tree.root();
      return tree.takeDirty(1e9).rows.map(({ key, value }) => `${bytesToHex(key)} ${bytesToHex(value)}`);
    };
    expect(rows(forward)).toEqual(rows(backward));
  });

  it("are read along one path for one change", () => {
    const { open, change, store, reads } = scene(10, 1_000_000);
    const tree = open();
    for (let i = 0; i < 20_000; i++) change(tree);
    store(tree);
    const again = open();
    change(again);
    again.root();
    expect(reads()).toBeLessThanOrEqual(4);
    expect(again.takeDirty(1e9).rows.length).toBeLessThanOrEqual(4);
    expect(again.bytes).toBeLessThan(20_000);
  });

  it("are refused when one does not match its parent", () => {
    const { rows, open, change, store } = scene(11, 1_000_000);
    const tree = open();
    for (let i = 0; i < 2_000; i++) change(tree);
    store(tree);
    for (const [key, value] of [...rows].filter((_, i) => i % 5 === 0)) {
      const damaged = value.slice();
      damaged[damaged.length - 1] = (damaged[damaged.length - 1] as number) ^ 1;
      for (const put of [() => rows.set(key, damaged), () => rows.delete(key)]) {
        put();
        expect(() => open().verify()).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
        rows.set(key, value);
      }
    }
    open().verify();
  });

  it("tell a value that is not the one they were made of", () => {
    const { cells, open, change, store } = scene(12, 1_000_000);
    const tree = open();
    for (let i = 0; i < 500; i++) change(tree);
    store(tree);
    for (const [key, value] of cells.values()) {
      expect([tree.agrees(key, value), tree.agrees(key, Uint8Array.of(1))]).toEqual([true, false]);
      expect(open().agrees(key, Uint8Array.of(1))).toBe(true);
    }
  });
});
