/** The simulator's command line: see USAGE. */
import { parseArgs } from "node:util";
import { drawPlan } from "./plan.ts";
import { run } from "./world.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    seed: { type: "string" },
    nodes: { type: "string" },
    hours: { type: "string" },
  },
});
const from = Number(values.seed ?? 1);
const n = Number(values.seeds ?? 1);
let hours = 0;
const t0 = process.cpuUsage();
const { Counts } = await import("./counts.ts");
const all = new Counts();
for (let s = from; s < from + n; s++) {
  const r = await run({ plan: drawPlan(s, Number(values.nodes ?? 5), Number(values.hours ?? 1)) });
  hours += r.nodeHours;
  all.addAll(r.counts.entries());
  console.log(s, r.trace, r.violation ? JSON.stringify(r.violation) : "ok", r.events, r.deltas, r.healedMs);
}
const c = process.cpuUsage(t0);
console.log(hours / ((c.user + c.system) / 60e6), "node-hours per CPU-minute");
for (const [k, v] of all.entries()) console.log(k, v);
