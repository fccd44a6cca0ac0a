import { expect, it } from "vitest";
import { fittedExponent } from "./fit.ts";

it("finds the exponent that made the points", () => {
  for (const exponent of [0, 0.5, 1, 2]) {
    const points = [10, 1000, 50_000].map((size) => [size, 3 * size ** exponent] as const);
    expect(fittedExponent(points)).toBeCloseTo(exponent, 9);
  }
});
