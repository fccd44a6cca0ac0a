import { describe, expect, it } from "vitest";
import { drawPlan } from "./draw-plan.ts";
import type { Plan } from "./plan.ts";
import type { PlantedBugName } from "./planted/planted.ts";
import { shrink } from "./shrink.ts";
import { run } from "./world.ts";

const SHORT_HOURS = 0.25;
const CATCH_SEEDS = 12;

/** The first seed with a violation, and which. */
async function caught(bug: PlantedBugName, oracles: "all" | "roots") {
  for (let seed = 1; seed <= CATCH_SEEDS; seed++) {
    const { violation } = await run({ plan: drawPlan(seed, 3, SHORT_HOURS), bug, oracles });
    if (violation) return { seed, id: violation.id };
  }
  return undefined;
}

describe("a run", () => {
  it("is the same each time for one seed, event by event", async () => {
    const plan = drawPlan(7, 4, SHORT_HOURS);
    const [first, second] = [await run({ plan }), await run({ plan })];
    expect(second.trace).toBe(first.trace);
    expect(second.events).toBe(first.events);
    expect([...second.counts.entries()]).toEqual([...first.counts.entries()]);
    expect((await run({ plan: drawPlan(8, 4, SHORT_HOURS) })).trace).not.toBe(first.trace);
  });

  it("replays a plan that was written to a file", async () => {
    const plan = drawPlan(9, 3, SHORT_HOURS);
    const again = JSON.parse(JSON.stringify(plan)) as Plan;
    expect((await run({ plan: again })).trace).toBe((await run({ plan })).trace);
  });

  it("finds nothing wrong with the real system", async () => {
    let checkpoints = 0;
    for (let seed = 101; seed <= 106; seed++) {
      const report = await run({ plan: drawPlan(seed, 4, SHORT_HOURS) });
      expect(report.violation, `seed ${seed}`).toBeUndefined();
      expect(report.deltas).toBeGreaterThan(0);
      checkpoints += report.counts.get("checkpoint.in_effect");
    }
    expect(checkpoints).toBeGreaterThan(0);
  });
});

describe("the oracles", () => {
  const visible: PlantedBugName[] = ["asks-for-newest-parents-only", "no-cascade"];
  it.each(visible)("catch %s, as equal roots alone do", async (bug) => {
    expect(await caught(bug, "all")).toBeDefined();
    expect(await caught(bug, "roots")).toMatchObject({ id: "NOT_CONVERGED" });
  });

  it.each(["applied-twice", "told-before-parents"] as const)("alone catch %s: roots agree", async (bug) => {
    expect(await caught(bug, "roots")).toBeUndefined();
  });
});

describe("shrinking", () => {
  it("leaves a small plan that fails in the same way", async () => {
    const plan = drawPlan(3, 3, SHORT_HOURS);
    const idOf = async (smaller: Plan) => (await run({ plan: smaller, bug: "applied-twice" })).violation?.id;
    const id = await idOf(plan);
    expect(id).toBe("APPLIED_TWICE");
    const shrunk = await shrink(plan, async (smaller) => (await idOf(smaller)) === id);
    expect(await idOf(shrunk.plan)).toBe(id);
    expect(shrunk.plan.entries.length).toBeLessThanOrEqual(4);
    expect(plan.entries.length).toBeGreaterThan(20);
  });

  it("finds the one pair that matters", async () => {
    const plan = drawPlan(4, 5, 1);
    const [a, b] = [plan.entries[3], plan.entries[plan.entries.length - 2]];
    const shrunk = await shrink(plan, async ({ entries }) => entries.includes(a!) && entries.includes(b!));
    expect(shrunk.plan.entries).toEqual([a, b]);
  });
});
