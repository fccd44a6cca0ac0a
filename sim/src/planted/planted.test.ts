/** Each planted bug is caught within a hundred seeds, by an oracle that is meant to catch it. */
import { describe, expect, it } from "vitest";
import { drawPlan } from "../draw-plan.ts";
import type { Plan } from "../plan.ts";
import { run } from "../world.ts";
import { ambush } from "./ambush.ts";
import { PLANTED_BUGS, type PlantedBugName } from "./planted.ts";

const SEEDS = 100;
const NODES = 3;
const HOURS = 0.25;

/** Whether the plan can show a bug at all: others need not be run. */
function canShow(bug: PlantedBugName, { entries }: Plan): boolean {
  const { needs } = PLANTED_BUGS[bug];
  return needs === undefined || entries.some((entry) => entry.kind === "deed" && needs.includes(entry.deed));
}

const names = Object.keys(PLANTED_BUGS) as PlantedBugName[];

describe("planted bugs", () => {
  it("are at least twenty-five", () => {
    expect(names.length).toBeGreaterThanOrEqual(25);
  });

  it.each(["poison", "usurp"] as const)(
    "are what makes a false state be taken in, and nothing else: %s",
    async (deed) => {
      const { violation, counts } = await run({ plan: ambush(deed) });
      expect(violation).toBeUndefined();
      expect(counts.get("false.list")).toBeGreaterThan(0);
      expect(counts.get("sync.snapshot_installed")).toBe(0);
    },
  );

  it.each(names)("are caught: %s", async (bug) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const plan = PLANTED_BUGS[bug].plan ?? drawPlan(seed, NODES, HOURS);
      if (!canShow(bug, plan)) continue;
      const { violation } = await run({ plan, bug });
      if (PLANTED_BUGS[bug].plan) expect(violation, "a plan by hand shows it").toBeDefined();
      if (violation) return expect(PLANTED_BUGS[bug].caughtBy, violation.message).toContain(violation.id);
    }
    expect.unreachable(`${bug} was not caught within ${SEEDS} seeds`);
  });
});
