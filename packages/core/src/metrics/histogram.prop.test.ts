import fc from "fast-check";
import { expect, it } from "vitest";
import { Histogram } from "./histogram.ts";

const values = fc.array(fc.double({ min: 0.000_001, max: 1_000_000, noNaN: true }), { minLength: 1, maxLength: 300 });

it("answers with a quantile within 1 % of the sorted values', and with exact count, least and greatest", () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, quantile) => {
      const histogram = new Histogram(1_000_000);
      for (const value of all) histogram.record(value);
      const sorted = all.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(quantile * all.length)) - 1] as number;
      // Below 64 units a bucket is one unit wide.
      expect(Math.abs(histogram.quantile(quantile) - exact)).toBeLessThanOrEqual(Math.max(exact * 0.01, 0.000_001));
      expect(histogram.summary()).toMatchObject({ count: all.length, min: sorted[0], max: sorted.at(-1) });
    }),
  );
});

it("tells what came after a mark as a histogram of that alone would", () => {
  fc.assert(
    fc.property(values, values, fc.constantFrom(0.5, 0.95, 0.99), (before, after, quantile) => {
      const [both, alone] = [new Histogram(1000), new Histogram(1000)];
      for (const value of before) both.record(value);
      const mark = both.mark();
      for (const value of after) {
        both.record(value);
        alone.record(value);
      }
      const [a, b] = [both.quantileSince(mark, quantile), alone.quantile(quantile)];
      expect(Math.abs(a - b)).toBeLessThanOrEqual(Math.max(0.01 * b, 0.001));
    }),
  );
});
