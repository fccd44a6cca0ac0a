import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AssertionError } from "./assert.ts";
import { nextStamp, STAMP_MAX, STAMP_ZERO, stamp, stampAheadMs, stampToMs } from "./hlc.ts";

const stamps = fc.integer({ min: 0, max: STAMP_MAX - 1 }).map(stamp);
const wall = fc.integer({ min: 0, max: 4_000_000_000_000 });

describe("a stamp", () => {
  it("grows always, and is never behind the wall clock", () => {
    fc.assert(
      fc.property(stamps, wall, (last, wallMs) => {
        const next = nextStamp(last, wallMs);
        expect(next).toBeGreaterThan(last);
        expect(stampToMs(next)).toBeGreaterThanOrEqual(wallMs);
        expect(Number.isSafeInteger(next)).toBe(true);
      }),
      { seed: 9, numRuns: 1000 },
    );
  });

  it("carries its counter into the milliseconds while the clock stands still", () => {
    let last = nextStamp(STAMP_ZERO, 1000);
    expect(last).toBe(1000 * 2048 + 1);
    for (let i = 0; i < 2046; i++) last = nextStamp(last, 1000);
    expect(stampToMs(last)).toBe(1000);
    last = nextStamp(last, 1000);
    expect(stampToMs(last)).toBe(1001);
    expect(stampAheadMs(last, 1000)).toBe(1);
    expect(stampAheadMs(last, 5000)).toBe(-3999);
  });

  it("does not go back with the clock, and takes fractions of a millisecond", () => {
    const first = nextStamp(STAMP_ZERO, 5000.75);
    expect(stampToMs(first)).toBe(5000);
    expect(nextStamp(first, 10)).toBe(first + 1);
  });

  it("lasts to 2109, and stops loudly after that", () => {
    const end = stampToMs(STAMP_MAX);
    expect(new Date(end).getUTCFullYear()).toBe(2109);
    expect(nextStamp(STAMP_ZERO, end)).toBeLessThanOrEqual(STAMP_MAX);
    expect(() => nextStamp(STAMP_ZERO, end + 1)).toThrow(AssertionError);
    expect(() => nextStamp(STAMP_MAX, 0)).toThrow(AssertionError);
  });

  it("is a safe integer, not negative", () => {
    for (const value of [-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER])
      expect(() => stamp(value)).toThrow(AssertionError);
    expect(stamp(STAMP_MAX)).toBe(STAMP_MAX);
  });
});
