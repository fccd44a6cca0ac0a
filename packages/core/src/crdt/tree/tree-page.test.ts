import { expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { bytesToHex, concatBytes, createPrng, must } from "../../base/index.ts";
import { HashTree } from "./hash-tree.ts";
import { decodePage, encodePage, LEAF_CELLS_MAX, type PageBytes } from "./tree-page.ts";

function pagesOf(cells: number): { key: Uint8Array; value: Uint8Array }[] {
  const prng = createPrng(cells);
  const tree = new HashTree();
  for (let i = 0; i < cells; i++) tree.set(prng.bytes(8), prng.bytes(8));
  tree.root();
  return [...tree.takeDirty(1_000_000).rows];
}

it("pages of the hash tree have one encoding, whatever the damage", () => {
  const leaves = pagesOf(3);
  const inner = pagesOf(LEAF_CELLS_MAX + 1).filter(({ value }) => value[0] === 2);
  const corpus = [...leaves, ...pagesOf(9), ...inner].map(({ value }) => value);
  const decode = (bytes: Uint8Array) => decodePage(bytes, Uint8Array.of(0));
  const report = fuzzDecoder<PageBytes>({ name: "tree page", seed: 4, corpus, decode, encode: encodePage });
  expect(report.accepted).toBeGreaterThan(100);
});

it("a page is refused at another place, above its size, and out of order", () => {
  const pages = pagesOf(1_000);
  const leaf = must(
    pages.find(({ value }) => value[0] === 3),
    "a leaf",
  );
  const other = must(
    pages.find(({ key, value }) => value[0] === 3 && bytesToHex(key) !== bytesToHex(leaf.key)),
    "another",
  );
  expect(decodePage(leaf.value, leaf.key)?.kind).toBe("leaf");
  expect(decodePage(leaf.value, other.key)).toBeUndefined();
  const [first, second] = [leaf.value.subarray(1, 65), leaf.value.subarray(65, 129)];
  expect(decodePage(concatBytes(Uint8Array.of(3), second, first), leaf.key)).toBeUndefined();
  expect(decodePage(concatBytes(Uint8Array.of(3), first, first), leaf.key)).toBeUndefined();
  const row = (count: number) => {
    const cells = Array.from({ length: count }, (_, i) => new Uint8Array(64).fill(i));
    return decodePage(concatBytes(Uint8Array.of(3), ...cells), Uint8Array.of(0));
  };
  expect([row(LEAF_CELLS_MAX)?.kind, row(LEAF_CELLS_MAX + 1)]).toEqual(["leaf", undefined]);
});
