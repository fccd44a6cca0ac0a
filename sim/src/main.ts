/**
 * The simulator's command line (USAGE in command.ts). Prints a line per failing run, what was rare and reached, and the
 * speed; a failing plan is shrunk, written to a file and named in the command that replays it. Exits 1 on a violation.
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Counts, Trace } from "@dunlin/core/simulation";
import { CONNECTED_NODES_MAX, type Command, parseCommand, USAGE } from "./command.ts";
import { drawCrowd } from "./draw-crowd.ts";
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
  /** Of the runs alone, without what repeats and shrinking take. */
  cpuMicros: number;
  /** Runs that were made twice. */
  repeats: number;
  readonly trace: Trace;
  readonly counts: Counts;
}

type Say = (line: string) => void;

const REGRESSIONS = new URL("../../fixtures/regressions/", import.meta.url);
/** A share of the seeds is run twice: the traces must be the same. */
const SEEDS_PER_REPEAT = 20;
const PROGRESS_MS = 30_000;

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  if (typeof command === "string") {
    console.error(`${command}\n${USAGE}`);
    return 2;
  }
  const say = command.json ? console.error : console.log;
  const totals = createTotals();
  const plans = plansOf(command);
  let toldMs = performance.now();
  for (const [i, plan] of plans.entries()) {
    const before = process.cpuUsage();
    const report = await guarded(command, plan);
    const { user, system } = process.cpuUsage(before);
    totals.cpuMicros += user + system;
    add(totals, report);
    if (plans.length === 1) say(`seed ${plan.seed}: trace ${report.trace}`);
    if (report.violation) await printFailure(command, report, say);
    else if (i % SEEDS_PER_REPEAT === SEEDS_PER_REPEAT - 1) await repeat(command, report, totals, say);
    if (performance.now() - toldMs < PROGRESS_MS) continue;
    toldMs = performance.now();
    console.error(`${i + 1} of ${plans.length} runs, ${Math.round(totals.nodeHours)} node-hours, ${speed(totals)}`);
  }
  // A bug that is planted ends its runs before they have met anything.
  const due = command.bug ? [] : dueIn(totals.runs);
  const never = due.filter((name) => totals.counts.get(name) === 0);
  totals.violations += never.length;
  if (never.length > 0) say(`never reached: ${never.join(", ")}`);
  print(command, totals, due.length - never.length);
  return totals.violations > 0 ? 1 : 0;
}

function createTotals(): Totals {
  const counts = {
    runs: 0,
    violations: 0,
    nodeHours: 0,
    events: 0,
    deltas: 0,
    healedMaxMs: 0,
    cpuMicros: 0,
    repeats: 0,
  };
  return { ...counts, trace: new Trace(), counts: new Counts() };
}

async function repeat(command: Command, { plan, trace }: RunReport, totals: Totals, say: Say): Promise<void> {
  totals.repeats++;
  const again = await guarded(command, plan);
  if (again.trace === trace) return;
  totals.violations++;
  say(`seed ${plan.seed} is not deterministic: trace ${trace}, then ${again.trace}`);
}

function plansOf(command: Command): Plan[] {
  const plans = command.fleet.map(({ seed, nodes, hours }) => {
    return nodes > CONNECTED_NODES_MAX ? drawCrowd(seed, nodes, hours) : drawPlan(seed, nodes, hours);
  });
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

async function printFailure(command: Command, { plan, violation }: RunReport, say: Say): Promise<void> {
  if (!violation) return;
  say(`seed ${plan.seed}: ${violation.id} at ${(violation.atMs / 1000).toFixed(1)} s: ${violation.message}`);
  const bug = command.bug ? ` --bug ${command.bug}` : "";
  const { nodes, durationMs, seed } = plan;
  say(`  replay: npm run sim -- --seed ${seed} --nodes ${nodes} --hours ${durationMs / 3_600_000}${bug}`);
  if (!command.shrink) return;
  const fails = async (smaller: Plan) => (await guarded(command, smaller)).violation?.id === violation.id;
  const shrunk = await shrink(plan, fails);
  const file = join(tmpdir(), `dunlin-sim-${seed}-${nodes}.plan.json`);
  writeFileSync(file, JSON.stringify(shrunk.plan, undefined, 1));
  say(`  shrunk from ${plan.entries.length} entries to ${shrunk.plan.entries.length} in ${shrunk.runs} runs:`);
  for (const entry of shrunk.plan.entries) say(`    ${JSON.stringify(entry)}`);
  say(`  replay: npm run sim -- --plan ${file}${bug}`);
}

function print(command: Command, totals: Totals, rareReached: number): void {
  const { runs, violations, nodeHours, events, deltas, healedMaxMs, repeats, counts } = totals;
  const trace = totals.trace.digest();
  const faults = faultsIn(counts);
  if (command.json) {
    const nodeHoursPerCpuMinute = perCpuMinute(totals);
    const summary = { runs, violations, nodeHours, events, deltas, faults, healedMaxMs, repeats, rareReached, trace };
    const all = { ...summary, nodeHoursPerCpuMinute, counts: Object.fromEntries(counts.entries()) };
    console.log(JSON.stringify(all));
    return;
  }
  for (const [name, count] of counts.entries()) console.log(`  ${name.padEnd(40)} ${count}`);
  console.log(
    `${runs} runs, ${nodeHours.toFixed(1)} node-hours, ${events} events, ${deltas} deltas, ${faults} faults: ` +
      `${violations} violations; ${rareReached} rare things reached, ${repeats} runs repeated; ` +
      `agreed at most ${(healedMaxMs / 1000).toFixed(1)} s after the heal; trace ${trace}; ${speed(totals)}`,
  );
}

/** What went wrong in the world: of the plan, of the network, of disks, and what traitors did and served. */
function faultsIn(counts: Counts): number {
  const peaceful = ["plan.add", "plan.calls", "plan.deed", "plan.join", "plan.remove", "plan.role"];
  const lost = ["net.cut_by_frame", "net.dropped", "net.duplicated", "net.full", "net.lost_with_cut", "net.reordered"];
  let faults = 0;
  for (const [name, count] of counts.entries()) {
    const isPlanned = name.startsWith("plan.") && !peaceful.includes(name);
    const isDone = name.startsWith("deed.") || name.startsWith("false.");
    if (isPlanned || isDone || lost.includes(name) || name === "net.sent_in_vain") faults += count;
  }
  return faults;
}

function speed(totals: Totals): string {
  return `${perCpuMinute(totals)} node-hours per CPU-minute`;
}

function perCpuMinute({ nodeHours, cpuMicros }: Totals): number {
  return Math.round(nodeHours / (cpuMicros / 60e6));
}

process.exitCode = await main(process.argv.slice(2));
