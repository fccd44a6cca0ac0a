import { expect, it } from "vitest";
import { BUDGETED, leastTurns } from "./budget.ts";
import { calibrationLoop } from "./calibration.ts";
import type { Work } from "./measure.ts";
import { readBudget } from "./suites/budget.ts";

const ATTEMPTS = 5;

it("lets a work pass that takes as long as ever, and catches one that takes three times as long", () => {
  expect(leastTurns(calibrationLoop, 2, ATTEMPTS)).toBeLessThanOrEqual(2);
  expect(leastTurns(() => thrice(calibrationLoop()), 2, 2)).toBeGreaterThan(2);
});

it("has an entry for every work, and none besides", () => {
  expect(Object.keys(readBudget()).sort()).toEqual(BUDGETED.map((create) => create().name).sort());
});

function thrice({ name, prepare }: Work): Work {
  return {
    name,
    prepare: () => {
      const run = prepare();
      return () => {
        for (let i = 0; i < 3; i++) run();
      };
    },
  };
}
