import { expect, it } from "vitest";
import { measure, QUICK } from "../measure.ts";
import * as plainWork from "../reference/plain-work.ts";
import * as subject from "../subject.ts";
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

it("names the functions that do the work of each figure", () => {
  const functions: ReadonlySet<string> = new Set([...Object.keys(subject), ...Object.keys(plainWork)]);
  for (const { name, work = "" } of exactComparisons()) {
    const named = work.split(", ");
    expect(named.length, name).toBeGreaterThan(0);
    for (const one of named) expect(functions, `${name}: ${one}`).toContain(one);
  }
});
