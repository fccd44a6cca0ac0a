import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWtf8, writeWtf8 } from "./wtf8.ts";

/** Strings of any units, lone surrogates among them, short and long. */
const units = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 127 }),
    fc.integer({ min: 0, max: 0xffff }),
    fc.integer({ min: 0xd7f0, max: 0xe010 }),
  ),
  {
    maxLength: 120,
  },
);

describe("wtf8", () => {
  it("gives every string back, and UTF-8 for those that are well-formed", () => {
    fc.assert(
      fc.property(units, fc.boolean(), (codes, padded) => {
        const text = String.fromCharCode(...codes) + (padded ? "x".repeat(60) : "");
        const into = new Uint8Array(text.length * 3 + 5);
        const length = writeWtf8(text, into);
        expect(readWtf8(into, 0, length)).toBe(text);
        if (text.isWellFormed()) expect(into.slice(0, length)).toEqual(new TextEncoder().encode(text));
      }),
      { seed: 20_261_121, numRuns: 2000 },
    );
  });
});
