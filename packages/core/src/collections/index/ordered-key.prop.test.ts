import { compareBytes, concatBytes, utf8 } from "@dunlin/core/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INDEX_COLUMN_BYTES_MAX } from "../limits.ts";
import { encodeKey, type KeyValue } from "./ordered-key.ts";

const leaf: fc.Arbitrary<KeyValue> = fc.oneof(
  fc.constantFrom<KeyValue>(
    undefined,
    null,
    true,
    false,
    0,
    -0,
    1,
    -1,
    0.5,
    -0.5,
    2 ** 53,
    -(2 ** 53),
    "",
    "a",
    "\0",
    "\0\0",
    "a\0b",
  ),
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.string({ maxLength: 6 }),
  fc.uint8Array({ maxLength: 8 }),
);
const value: fc.Arbitrary<KeyValue> = fc.oneof(leaf, fc.array(leaf as fc.Arbitrary<never>, { maxLength: 3 }));

/** What the encoding must agree with, written down independently of it. */
function compare(a: KeyValue, b: KeyValue): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (typeof a === "number") return a - (b as number) || 0;
  if (typeof a === "bigint") return a < (b as bigint) ? -1 : a > (b as bigint) ? 1 : 0;
  if (typeof a === "string") return compareBytes(utf8(a), utf8(b as string));
  if (a instanceof Uint8Array) return compareBytes(a, b as Uint8Array);
  if (!Array.isArray(a)) return 0;
  const other = b as readonly KeyValue[];
  for (const [i, item] of a.entries()) {
    if (i >= other.length) return 1;
    const order = compare(item as KeyValue, other[i]);
    if (order !== 0) return order;
  }
  return a.length - other.length;
}

function rankOf(a: KeyValue): number {
  if (a === undefined) return 0;
  if (a === null) return 1;
  if (a === false) return 2;
  if (a === true) return 3;
  return ["number", "bigint", "string"].includes(typeof a)
    ? 4 + ["number", "bigint", "string"].indexOf(typeof a)
    : a instanceof Uint8Array
      ? 7
      : 8;
}

const sign = (order: number): number => Math.sign(order);

describe("index keys", () => {
  it("compare as their values do", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(sign(compareBytes(encodeKey([a]), encodeKey([b])))).toBe(sign(compare(a, b)));
      }),
      { seed: 71, numRuns: 5_000 },
    );
  });

  it("compare column by column, whatever stands behind them", () => {
    const columns = fc.tuple(value, value);
    const id = fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(columns, columns, id, id, (a, b, x, y) => {
        const order = compare(a[0], b[0]) || compare(a[1], b[1]) || compareBytes(utf8(x), utf8(y));
        const [left, right] = [concatBytes(encodeKey(a), utf8(x)), concatBytes(encodeKey(b), utf8(y))];
        expect(sign(compareBytes(left, right))).toBe(sign(order));
      }),
      { seed: 72, numRuns: 5_000 },
    );
  });

  it("of fewer columns are the beginning of those of more", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const whole = encodeKey([a, b]);
        expect(whole.subarray(0, encodeKey([a]).length)).toEqual(encodeKey([a]));
      }),
      { seed: 73 },
    );
  });

  it("hold objects, equal by content", () => {
    expect(encodeKey([{ a: 1, b: [2] }])).toEqual(encodeKey([{ b: [2], a: 1 }]));
    expect(encodeKey([{ a: 1 }])).not.toEqual(encodeKey([{ a: 2 }]));
  });

  it("cut long columns, keep them apart, and keep their order up to the cut", () => {
    const long = "x".repeat(INDEX_COLUMN_BYTES_MAX);
    const [a, b] = [encodeKey([`${long}1`]), encodeKey([`${long}2`])];
    expect(a.length).toBe(INDEX_COLUMN_BYTES_MAX);
    expect(a).not.toEqual(b);
    expect(encodeKey([`${long}1`])).toEqual(a);
    expect(compareBytes(encodeKey([`w${long}`]), a)).toBeLessThan(0);
    expect(compareBytes(encodeKey([`y${long}`]), a)).toBeGreaterThan(0);
    const fitting = "x".repeat(INDEX_COLUMN_BYTES_MAX - 2);
    expect(encodeKey([fitting]).length).toBe(INDEX_COLUMN_BYTES_MAX);
    expect(encodeKey([`${fitting}x`]).length).toBe(INDEX_COLUMN_BYTES_MAX);
  });

  it("take what is no number as absent", () => {
    expect(encodeKey([Number.NaN])).toEqual(encodeKey([undefined]));
  });
});
