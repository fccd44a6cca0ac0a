/**
 * The simulator's command line (USAGE in command.ts). Prints a line per failing run, what was rare and reached, and the
 * speed; a failing plan is shrunk, written to a file and named in the command that replays it. Exits 1 on a violation.
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Counts, Trace } from "@dunlin/core/simulation";
import { type Command, parseCommand, USAGE } from "./command.ts";
import { drawPlan } from "./draw-plan.ts";
import { forbidRealWorld } from "./guard.ts";
import type { Plan } from "./plan.ts";
import { shrink } from "./shrink.ts";
import { dueIn } from "./sometimes.ts";
import { type RunReport, run } from "./world.ts";

interface Totals {
  runs: number;
  violations: number;
  nodeHours: number;
  events: number;
  deltas: number;
  healedMaxMs: number;
  readonly trace: Trace;
  readonly counts: Counts;
}

const REGRESSIONS = new URL("../../fixtures/regressions/", import.meta.url);
/** A share of the seeds is run twice: the traces must be the same. */
const SEEDS_PER_REPEAT = 20;

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  if (typeof command === "string") {
    console.error(`${command}\n${USAGE}`);
    return 2;
  }
  const cpu = process.cpuUsage();
  const trace = new Trace();
  const totals: Totals = {
    runs: 0,
    violations: 0,
    nodeHours: 0,
    events: 0,
    deltas: 0,
    healedMaxMs: 0,
    trace,
    counts: new Counts(),
  };
  const plans = plansOf(command);
  for (const [i, plan] of plans.entries()) {
    const report = await guarded(command, plan);
    add(totals, report);
    if (command.fleet.length === 1) console.log(`seed ${plan.seed}: trace ${report.trace}`);
    if (report.violation) await printFailure(command, report);
    else if (i % SEEDS_PER_REPEAT === SEEDS_PER_REPEAT - 1) {
      const again = await guarded(command, plan);
      if (again.trace !== report.trace) {
        totals.violations++;
        console.log(`seed ${plan.seed} is not deterministic: trace ${report.trace}, then ${again.trace}`);
      }
    }
  }
  // A bug that is planted ends its runs before they have met anything.
  const due = command.bug ? [] : dueIn(totals.runs);
  const never = due.filter((name) => totals.counts.get(name) === 0);
  totals.violations += never.length;
  if (never.length > 0) console.log(`never reached: ${never.join(", ")}`);
  const { user, system } = process.cpuUsage(cpu);
  print(command, totals, (user + system) / 60e6);
  return totals.violations > 0 ? 1 : 0;
}

function plansOf(command: Command): Plan[] {
  const plans = command.fleet.map(({ seed, nodes, hours }) => drawPlan(seed, nodes, hours));
  if (command.planFile !== undefined) plans.push(readPlan(command.planFile));
  if (!command.regressions) return plans;
  const files = readdirSync(REGRESSIONS).filter((name) => name.endsWith(".plan.json"));
  return [...files.sort().map((name) => readPlan(new URL(name, REGRESSIONS))), ...plans];
}

/** A plan is written by this program; a damaged one fails in the run. */
function readPlan(file: string | URL): Plan {
  return JSON.parse(readFileSync(file, "utf8")) as Plan;
}

async function guarded({ bug }: Command, plan: Plan): Promise<RunReport> {
  const unguard = forbidRealWorld();
  try {
    return await run({ plan, ...(bug ? { bug } : {}) });
  } finally {
    unguard();
  }
}

function add(totals: Totals, report: RunReport): void {
  totals.runs++;
  totals.nodeHours += report.nodeHours;
  totals.events += report.events;
  totals.deltas += report.deltas;
  totals.healedMaxMs = Math.max(totals.healedMaxMs, report.healedMs);
  totals.trace.text(report.trace);
  totals.counts.addAll(report.counts.entries());
  if (report.violation) totals.violations++;
}

async function printFailure(command: Command, { plan, violation }: RunReport): Promise<void> {
  if (!violation) return;
  console.log(`seed ${plan.seed}: ${violation.id} at ${(violation.atMs / 1000).toFixed(1)} s: ${violation.message}`);
  const bug = command.bug ? ` --bug ${command.bug}` : "";
  const { nodes, durationMs, seed } = plan;
  console.log(`  replay: npm run sim -- --seed ${seed} --nodes ${nodes} --hours ${durationMs / 3_600_000}${bug}`);
  if (!command.shrink) return;
  const fails = async (smaller: Plan) => (await guarded(command, smaller)).violation?.id === violation.id;
  const shrunk = await shrink(plan, fails);
  const file = join(tmpdir(), `dunlin-sim-${seed}-${nodes}.plan.json`);
  writeFileSync(file, JSON.stringify(shrunk.plan, undefined, 1));
  console.log(`  shrunk from ${plan.entries.length} entries to ${shrunk.plan.entries.length} in ${shrunk.runs} runs:`);
  for (const entry of shrunk.plan.entries) console.log(`    ${JSON.stringify(entry)}`);
  console.log(`  replay: npm run sim -- --plan ${file}${bug}`);
}

function print(command: Command, totals: Totals, cpuMinutes: number): void {
  const { runs, violations, nodeHours, events, deltas, healedMaxMs, counts } = totals;
  const trace = totals.trace.digest();
  const nodeHoursPerCpuMinute = Math.round(nodeHours / cpuMinutes);
  if (command.json) {
    const summary = { runs, violations, nodeHours, events, deltas, healedMaxMs, trace, nodeHoursPerCpuMinute };
    console.log(JSON.stringify({ ...summary, counts: Object.fromEntries(counts.entries()) }));
    return;
  }
  for (const [name, count] of counts.entries()) console.log(`  ${name.padEnd(40)} ${count}`);
  console.log(
    `${runs} runs, ${nodeHours.toFixed(1)} node-hours, ${events} events, ${deltas} deltas: ${violations} violations; ` +
      `agreed at most ${healedMaxMs / 1000} s after the heal; trace ${trace}; ` +
      `${nodeHoursPerCpuMinute} node-hours per CPU-minute`,
  );
}

process.exitCode = await main(process.argv.slice(2));
