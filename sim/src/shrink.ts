/**
 * Makes a failing plan small: delta debugging (Zeller and Hildebrandt, 2002) over its entries. A plan is kept when it
 * fails by the same violation, since another one is another bug. Entries draw nothing from each other, so what is left
 * behaves as before.
 */
import { SHRINK_RUNS_MAX } from "./limits.ts";
import type { Entry, Plan } from "./plan.ts";

export interface Shrunk {
  readonly plan: Plan;
  readonly runs: number;
}

/** `fails` says whether a plan still fails in the same way. */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Shrunk> {
  let entries = plan.entries;
  let runs = 0;
  let parts = 2;
  while (entries.length > 1 && runs < SHRINK_RUNS_MAX) {
    const size = Math.ceil(entries.length / parts);
    let smaller: readonly Entry[] | undefined;
    for (let from = 0; from < entries.length && !smaller && runs < SHRINK_RUNS_MAX; from += size) {
      const rest = [...entries.slice(0, from), ...entries.slice(from + size)];
      runs++;
      if (await fails({ ...plan, entries: rest })) smaller = rest;
    }
    if (smaller) {
      entries = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(entries.length, parts * 2);
  }
  return { plan: { ...plan, entries }, runs };
}
