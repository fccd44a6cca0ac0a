/** The budget, as a suite: what `npm test` checks. Short, since it runs with every change. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BUDGETED, type Budget, leastTurns } from "../budget.ts";
import { toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const ATTEMPTS = 5;

export const budget: Suite = {
  name: "budget",
  about: "a few works, in turns of a calibration loop: fails on a threefold regression",
  run: () => {
    const limits = readBudget();
    return BUDGETED.map((create) => {
      const { name } = create();
      const valueAtMost = limits[name];
      if (valueAtMost === undefined) throw new Error(`budget.json has no entry for ${name}`);
      const value = leastTurns(create, valueAtMost, ATTEMPTS);
      return toRow({ suite: "budget", name, value, unit: "turns", target: { valueAtMost } });
    });
  },
};

export function readBudget(): Budget {
  return JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "budget.json"), "utf8")) as Budget;
}
