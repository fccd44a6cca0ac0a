import { describe, expect, it } from "vitest";
import { AssertionError } from "../base/index.ts";
import { Histogram } from "./histogram.ts";

describe("a histogram", () => {
  it("knows the quantiles of a plain series", () => {
    const histogram = new Histogram();
    for (let i = 1; i <= 1000; i++) histogram.record(i);
    const { count, sum, min, max, p50, p95, p99 } = histogram.summary();
    expect({ count, sum, min, max }).toEqual({ count: 1000, sum: 500_500, min: 1, max: 1000 });
    expect(Math.abs(p50 - 500)).toBeLessThanOrEqual(5);
    expect(Math.abs(p95 - 950)).toBeLessThanOrEqual(10);
    expect(Math.abs(p99 - 990)).toBeLessThanOrEqual(10);
  });

  it("is all zero when empty", () => {
    expect(new Histogram().summary()).toEqual({ count: 0, sum: 0, min: 0, max: 0, p50: 0, p95: 0, p99: 0 });
  });

  it("puts what is too great into the last bucket and keeps its sum and greatest exact", () => {
    const histogram = new Histogram();
    for (const value of [2 ** 40 - 1, 2 ** 50]) histogram.record(value);
    expect(histogram.max).toBe(2 ** 50);
    expect(histogram.sum).toBe(2 ** 40 - 1 + 2 ** 50);
    expect(histogram.quantile(1)).toBeGreaterThan(2 ** 39);
    expect(histogram.count).toBe(2);
  });

  it("keeps every power of two, and its neighbours, in order", () => {
    let last = -1;
    for (let bits = 0; bits < 40; bits++) {
      for (const value of [2 ** bits, 2 ** bits * 1.5]) {
        const histogram = new Histogram();
        histogram.record(value);
        histogram.record(2 ** 45);
        const own = histogram.quantile(0.5);
        expect(own).toBeGreaterThanOrEqual(last);
        expect(Math.abs(own - value) / value).toBeLessThanOrEqual(value < 64 ? 0.5 : 0.01);
        last = own;
      }
    }
  });

  it("asserts against what is no quantity", () => {
    for (const value of [-1, Number.NaN]) expect(() => new Histogram().record(value)).toThrow(AssertionError);
  });
});
