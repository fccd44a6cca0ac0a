import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { bytesToHex, type ContextId, createPrng, utf8 } from "../../base/index.ts";
import { type CatalogueRow, decodeCatalogue, encodeCatalogue } from "./catalogue.ts";
import { encodeKey, type KeyValue } from "./ordered-key.ts";
import { decodeEntry, entryPrefix, entryRow, entryValue } from "./rows.ts";

interface Vectors {
  readonly keys: readonly { readonly columns: readonly string[]; readonly hex: string }[];
  readonly catalogue: readonly { readonly row: CatalogueRow; readonly hex: string }[];
}

const path = new URL("../../../../../fixtures/vectors/collections/valid.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8")) as Vectors;

describe("catalogue rows", () => {
  it("have one encoding", () => {
    const corpus = vectors.catalogue.map(({ row }) => encodeCatalogue(row));
    const report = fuzzDecoder({
      name: "catalogue row",
      seed: 61,
      corpus,
      decode: decodeCatalogue,
      encode: encodeCatalogue,
    });
    expect(report.accepted).toBeGreaterThan(100);
  });

  it("are those of the vectors", () => {
    for (const { row, hex } of vectors.catalogue) expect(bytesToHex(encodeCatalogue(row))).toBe(hex);
  });
});

describe("index keys", () => {
  /** A vector's column as written: JSON, or one of the words for what JSON lacks. */
  const column = (text: string): KeyValue => {
    if (text === "absent") return undefined;
    if (text.startsWith("bytes ")) return Uint8Array.from(text.slice(6).split(","), Number);
    return text.startsWith("bigint ") ? BigInt(text.slice(7)) : (JSON.parse(text) as KeyValue);
  };

  it("are those of the vectors, which ascend", () => {
    for (const { columns, hex } of vectors.keys) expect(bytesToHex(encodeKey(columns.map(column)))).toBe(hex);
    const keys = vectors.keys.map(({ hex }) => hex);
    expect(keys.toSorted()).toEqual(keys);
  });
});

describe("index entries", () => {
  it("give back the id, and nothing for a damaged row", () => {
    const prng = createPrng(62);
    const prefix = entryPrefix(prng.bytes(32) as ContextId, 7);
    const id = utf8("dök");
    const row = entryRow(prefix, encodeKey(["a", 1]), id);
    expect(decodeEntry(row, entryValue(id.length))?.id).toBe("dök");
    expect(decodeEntry(row, entryValue(0))).toBeUndefined();
    expect(decodeEntry(row, entryValue(id.length - 2))).toBeUndefined();
    expect(decodeEntry(row, entryValue(10_000))).toBeUndefined();
    expect(decodeEntry(row, Uint8Array.of(4, 4))).toBeUndefined();
    for (let i = 0; i < 20_000; i++) {
      const entry = decodeEntry(prng.bytes(40), prng.bytes(1 + prng.below(3)));
      expect(entry === undefined || entry.id.isWellFormed()).toBe(true);
    }
  });
});
