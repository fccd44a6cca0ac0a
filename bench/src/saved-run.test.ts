import { createPrng } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { compareMedians } from "./bootstrap.ts";
import { toRow } from "./row.ts";
import { compareRuns, isRunName, type SavedRun } from "./saved-run.ts";

const prng = createPrng(5);
const around = (centre: number): number[] =>
  Array.from({ length: 31 }, () => centre * (0.9 + prng.below(2001) / 10_000));

function runOf(samples: readonly number[], unit: "us" | "bytes" = "us"): SavedRun {
  const row = toRow({ suite: "s", name: "n", value: Math.min(...samples), unit, samples });
  return { machine: "m", node: "v", calibrationUs: 10, rows: [row] };
}

describe("two runs compared", () => {
  it("sees a change that is more than chance, and its size", () => {
    const { ratio, low, high } = compareMedians(around(100), around(150));
    expect(ratio).toBeGreaterThan(1.3);
    expect(low).toBeGreaterThan(1);
    expect(low).toBeLessThanOrEqual(ratio);
    expect(high).toBeGreaterThanOrEqual(ratio);
    expect(compareRuns(runOf(around(100)), runOf(around(150)))).toMatch(/s n: \+\d+\.\d % .*slower$/);
    expect(compareRuns(runOf(around(150)), runOf(around(100)))).toMatch(/faster$/);
    expect(compareRuns(runOf(around(100), "bytes"), runOf(around(150), "bytes"))).toMatch(/more$/);
  });

  it("sees none between samples of one work", () => {
    expect(compareRuns(runOf(around(100)), runOf(around(100)))).toMatch(/no change to be seen$/);
  });

  it("is mistaken about as seldom as it says", () => {
    const pairs = Array.from({ length: 40 }, () => compareMedians(around(100), around(100)));
    const mistaken = pairs.filter(({ low, high }) => low > 1 || high < 1);
    expect(mistaken.length).toBeLessThanOrEqual(6);
  });

  it("says nothing of single samples, and leaves out what only one run has", () => {
    expect(compareRuns(runOf([100]), runOf([200]))).toContain("nothing can be said");
    expect(compareRuns({ ...runOf([1]), rows: [] }, runOf([1]))).not.toContain("s n:");
  });

  it("takes plain names alone", () => {
    expect(["base", "2026-11-21"].every(isRunName)).toBe(true);
    expect(["", "../x", "a/b", "-a"].some(isRunName)).toBe(false);
  });
});
