import { expect, it } from "vitest";
import { measure, QUICK } from "../measure.ts";
import { exactComparisons } from "./exact-work.ts";

it("does the work of all 28 figures, ours and the plain port's, and finds it done", () => {
  const comparisons = exactComparisons();
  expect(comparisons).toHaveLength(28);
  expect(new Set(comparisons.map(({ name }) => name)).size).toBe(28);
  for (const { subject, reference, quoted, work } of comparisons) {
    expect(quoted?.guide).toBeGreaterThan(0);
    expect(work).not.toBe("");
    const works = subject ? [subject, reference] : [reference];
    expect(measure(works, { ...QUICK, samples: 1, warmUpMs: 0, sampleMs: 0 })).toHaveLength(2);
  }
});
