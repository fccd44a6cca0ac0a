import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { type ContextId, concatBytes } from "../../base/index.ts";
import { decodeDepth, decodeEntry, encodeDepth, encodeEntry, entryRowKey, type OpenEntry, openTable } from "./row.ts";

const context = new Uint8Array(32).fill(3) as ContextId;
const place = (entry: OpenEntry) => entryRowKey(context, entry).subarray(openTable(context).length);
const entry: OpenEntry = {
  order: 2 ** 40 + 5,
  event: 300,
  told: "elsewhere",
  depth: 2,
  attempts: 3,
  dueMs: 1_800_000_000_000,
  dead: false,
  handledElsewhere: true,
  code: "TIME_LIMIT",
  payload: { kind: "Edited", handler: "onEdited", data: Uint8Array.of(1, 2) },
};
const corpus: OpenEntry[] = [
  entry,
  { ...entry, told: "here", dead: true, handledElsewhere: false, code: "", attempts: 0 },
];

describe("a row of the ledger", () => {
  it("comes back as it was written", () => {
    for (const one of corpus) expect(decodeEntry(place(one), encodeEntry(one))).toEqual(one);
    expect(decodeDepth(encodeDepth(7))).toBe(7);
    expect(decodeDepth(new Uint8Array(0))).toBeUndefined();
  });

  it("is refused when its key or its value is damaged", () => {
    expect(decodeEntry(place(entry).subarray(1), encodeEntry(entry))).toBeUndefined();
    for (const [at, byte] of [
      [0, 2],
      [1, 3],
      [2, 4],
      [3, 100],
      [4, 100],
    ] as const) {
      const bytes = encodeEntry(entry);
      bytes[at] = byte;
      expect(decodeEntry(place(entry), bytes), `byte ${at}`).toBeUndefined();
    }
    expect(decodeEntry(place(entry), concatBytes(encodeEntry(entry), Uint8Array.of(0)))).toBeUndefined();
  });

  it("has one encoding, whatever comes", () => {
    const report = fuzzDecoder({
      name: "ledger row",
      seed: 33,
      corpus: corpus.map(encodeEntry),
      decode: (bytes) => decodeEntry(place(entry), bytes),
      encode: encodeEntry,
    });
    expect(report.accepted).toBeGreaterThan(0);
  });
});
