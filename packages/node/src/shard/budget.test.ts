import type { BudgetName, ContextLimits } from "@dunlin/api";
import { describe, expect, it } from "vitest";
import { Budget } from "./budget.ts";

function budgetOf(limits: ContextLimits, bytes: () => number = () => 0) {
  const time = { nowMs: 0 };
  const refused: BudgetName[] = [];
  const budget = new Budget({
    limits: () => limits,
    monotonicMs: () => time.nowMs,
    measureBytes: async () => bytes(),
    onRefused: (name) => refused.push(name),
  });
  return { budget, time, refused };
}

const settled = (): Promise<unknown> => new Promise(setImmediate);

describe("a context's budget", () => {
  it("is none when none is set", () => {
    const { budget } = budgetOf({ logsMax: 1 });
    budget.spendFuel(1e12);
    budget.spendCommit(1e6, 1e12);
    expect(budget.grantFuel(5)).toEqual({ ok: true, value: { fuel: 5, isCut: false } });
    expect([budget.refusalToWrite(), budget.usage()]).toEqual([undefined, undefined]);
  });

  it("gives a call what is left of the fuel, and none until a tenth has come back", () => {
    const { budget, time, refused } = budgetOf({ fuelPerSecond: 100_000 });
    expect(budget.grantFuel(30_000)).toEqual({ ok: true, value: { fuel: 30_000, isCut: false } });
    budget.spendFuel(60_000);
    expect(budget.grantFuel(60_000)).toEqual({ ok: true, value: { fuel: 40_000, isCut: true } });
    budget.spendFuel(40_000);
    expect(budget.grantFuel(1)).toEqual({
      ok: false,
      error: {
        code: "BUDGET_FUEL",
        message: "the context has spent its budget fuelPerSecond of 100000: try again in 100 ms",
      },
    });
    time.nowMs = 99;
    expect(budget.grantFuel(1).ok).toBe(false);
    time.nowMs = 101;
    expect(budget.grantFuel(60_000)).toEqual({ ok: true, value: { fuel: 10_100, isCut: true } });
    expect([refused, budget.refused, budget.usage()]).toEqual([
      ["fuelPerSecond", "fuelPerSecond"],
      2,
      { fuelPerSecond: 89_900 },
    ]);
  });

  it("holds a minute beside a second, and never more than a period's worth over its time", () => {
    const { budget, time } = budgetOf({ fuelPerSecond: 100_000, fuelPerMinute: 600_000 });
    let spent = 0;
    for (; time.nowMs < 180_000; time.nowMs += 7) {
      const granted = budget.grantFuel(1e9);
      if (!granted.ok) continue;
      spent += granted.value.fuel;
      budget.spendFuel(granted.value.fuel);
    }
    expect(spent).toBeLessThanOrEqual(600_000 * 4);
    expect(spent).toBeGreaterThan(600_000 * 3);
  });

  it("lets a context make so many deltas in a second", () => {
    const { budget, time } = budgetOf({ deltasPerSecond: 2 });
    budget.spendCommit(1, 0);
    expect(budget.refusalToWrite()).toBeUndefined();
    budget.spendCommit(1, 0);
    expect(budget.refusalToWrite()?.error.code).toBe("BUDGET_DELTAS");
    time.nowMs = 500;
    expect(budget.refusalToWrite()).toBeUndefined();
  });

  it("measures what the store holds when that is bounded, counts on from there, and measures again before it refuses for good", async () => {
    let stored = 700;
    const { budget } = budgetOf({ storageBytes: 1000 }, () => stored);
    expect(budget.refusalToWrite()).toBeUndefined();
    await settled();
    budget.spendCommit(1, 200);
    expect([budget.refusalToWrite(), budget.usage()]).toEqual([undefined, { storageBytes: 900 }]);
    budget.spendCommit(1, 150);
    stored = 720;
    expect(budget.refusalToWrite()?.error.code).toBe("BUDGET_STORAGE");
    await settled();
    expect(budget.refusalToWrite()).toBeUndefined();
    budget.spendCommit(0, 300);
    stored = 1000;
    budget.refusalToWrite();
    await settled();
    expect(budget.refusalToWrite()?.error.code).toBe("BUDGET_STORAGE");
  });
});
