import { readFileSync } from "node:fs";
import { bytesToHex, type Entry, hexToBytes, must } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { ROWS_PER_PAGE_MAX } from "./limits.ts";
import { decodePage, encodePage, findIn, keyAt, lowerBound, rowsOf, valueAt } from "./page.ts";

interface Vector {
  readonly name: string;
  readonly rows: readonly (readonly [key: string, value: string])[];
  readonly page: string;
}
const vectorsUrl = new URL("../../../../fixtures/vectors/store/pages.json", import.meta.url);

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const rows: readonly Entry[] = [
  [bytes(7, 1), bytes(10)],
  [bytes(7, 1, 0), bytes()],
  [bytes(7, 3, 5), bytes(1, 2, 3)],
  [bytes(7, 200), new Uint8Array(300).fill(4)],
];
const corpora: readonly (readonly Entry[])[] = [
  rows,
  rows.slice(0, 1),
  rows.slice(1, 3),
  [
    [bytes(0, 0), bytes()],
    [bytes(255), bytes(1)],
  ],
];

const hex = (text: string): Uint8Array => must(hexToBytes(text), "hexadecimal");

describe("a page", () => {
  it("finds its rows, and nothing else", () => {
    const page = must(decodePage(encodePage(rows)), "a page");
    expect(rowsOf(page)).toEqual(rows);
    for (const [key, value] of rows) expect(findIn(page, key)).toEqual(value);
    for (const key of [bytes(7), bytes(6), bytes(8), bytes(7, 2), bytes(7, 1, 0, 0), bytes(7, 255), bytes(255)]) {
      expect(findIn(page, key)).toBeUndefined();
    }
    expect(
      [bytes(6), bytes(7), bytes(7, 1, 0), bytes(7, 2), bytes(7, 201), bytes(8)].map((key) => lowerBound(page, key)),
    ).toEqual([0, 0, 1, 2, 4, 4]);
    expect([keyAt(page, 3), valueAt(page, 2)]).toEqual([bytes(7, 200), bytes(1, 2, 3)]);
  });

  it("is the bytes of the vectors", () => {
    const vectors = JSON.parse(readFileSync(vectorsUrl, "utf8")) as readonly Vector[];
    expect(vectors.length).toBeGreaterThan(2);
    for (const vector of vectors) {
      const vectorRows = vector.rows.map(([key, value]) => [hex(key), hex(value)] as const);
      expect(bytesToHex(encodePage(vectorRows)), vector.name).toBe(vector.page);
    }
  });

  it("refuses what is not one", () => {
    const valid = encodePage(rows.slice(0, 2));
    const refused: readonly Uint8Array[] = [
      bytes(),
      bytes(2, ...valid.subarray(1)),
      bytes(1, 0, 0),
      // Keys in common that are not in the prefix, keys that do not ascend, and an empty key.
      bytes(1, 0, 2, 1, 7, 0, 2, 7, 1, 0),
      bytes(1, 1, 7, 2, 1, 2, 0, 1, 1, 0),
      bytes(1, 0, 1, 0, 0),
      bytes(...valid, 0),
      bytes(1, 0, 0x81, 0x80, 0x04, ...new Uint8Array(2 * (ROWS_PER_PAGE_MAX + 1))),
    ];
    expect(refused.map(decodePage)).toEqual(refused.map(() => undefined));
  });

  it("survives mutated bytes", () => {
    const report = fuzzDecoder({
      name: "page",
      seed: 61,
      corpus: corpora.map(encodePage),
      decode: decodePage,
      encode: (page) => encodePage(rowsOf(page)),
    });
    expect(report.accepted).toBeGreaterThan(100);
  });
});
