/**
 * `npm run bench -- SUITE... [--quick] [--json FILE] [--save NAME] [--compare NAME] [--heap FILE]`. All suites when none is named;
 * `peers` stands apart, since it installs other libraries. Exit code 1 when a target is missed, 2 for wrong arguments.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { inOwnProcess } from "./isolated.ts";
import { FULL, QUICK } from "./measure.ts";
import { runPeers } from "./peers.ts";
import type { Row } from "./row.ts";
import { compareRuns, isRunName, loadRun, type SavedRun, saveRun, toSavedRun } from "./saved-run.ts";
import type { Suite } from "./suite.ts";
import { apps } from "./suites/apps.ts";
import { bandwidth } from "./suites/bandwidth.ts";
import { batch } from "./suites/batch.ts";
import { blobCache } from "./suites/blob-cache.ts";
import { budget } from "./suites/budget.ts";
import { call } from "./suites/call.ts";
import { contexts } from "./suites/contexts.ts";
import { cpu } from "./suites/cpu.ts";
import { crdt } from "./suites/crdt.ts";
import { dagSuite } from "./suites/dag.ts";
import { fuel } from "./suites/fuel.ts";
import { handlers } from "./suites/handlers.ts";
import { hostile } from "./suites/hostile.ts";
import { latency } from "./suites/latency.ts";
import { memorySuite } from "./suites/memory.ts";
import { nodeMemory } from "./suites/node-memory.ts";
import { overhead } from "./suites/overhead.ts";
import { partition } from "./suites/partition.ts";
import { real } from "./suites/real.ts";
import { restart } from "./suites/restart.ts";
import { scale } from "./suites/scale.ts";
import { seedCrdt } from "./suites/seed-crdt.ts";
import { snapshot } from "./suites/snapshot.ts";
import { sync } from "./suites/sync.ts";
import { throughput } from "./suites/throughput.ts";
import { timers } from "./suites/timers.ts";
import { toTable } from "./table.ts";

const SUITES: readonly Suite[] = [
  seedCrdt,
  real,
  scale,
  memorySuite,
  crdt,
  dagSuite,
  call,
  overhead,
  handlers,
  fuel,
  budget,
  throughput,
  partition,
  bandwidth,
  sync,
  snapshot,
  batch,
  timers,
  contexts,
  nodeMemory,
  blobCache,
  restart,
  latency,
  cpu,
  apps,
  hostile,
];

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  if (args[0] === "peers") return runPeers(args.slice(1));
  const parsed = parse(args);
  if (parsed === null) return 2;
  const sampling = parsed.quick ? QUICK : FULL;
  const rows: Row[] = [];
  for (const suite of parsed.suites) rows.push(...(await suite.run(sampling)));
  console.log(toTable(rows));
  if (parsed.json !== undefined) writeFileSync(parsed.json, `${JSON.stringify(rows, null, 2)}\n`);
  if (parsed.heap !== undefined) inOwnProcess("heapSnapshot", 1, parsed.heap);
  if (parsed.before ?? parsed.save) {
    const now = toSavedRun(rows, sampling);
    if (parsed.before) console.log(`\n${compareRuns(parsed.before, now)}`);
    if (parsed.save !== undefined) console.log(`\nsaved as ${saveRun(parsed.save, now)}`);
  }
  return rows.some((row) => row.holds === false) ? 1 : 0;
}

interface Arguments {
  readonly suites: readonly Suite[];
  readonly quick: boolean;
  readonly json: string | undefined;
  readonly heap: string | undefined;
  readonly save: string | undefined;
  /** The run to compare with. */
  readonly before: SavedRun | undefined;
}

function parse(args: string[]): Arguments | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "string" },
        heap: { type: "string" },
        save: { type: "string" },
        compare: { type: "string" },
      },
    });
    const unknown = positionals.filter((name) => !SUITES.some((suite) => suite.name === name));
    if (unknown.length > 0) throw new Error(`unknown suite: ${unknown.join(", ")}`);
    const suites = positionals.length === 0 ? SUITES : SUITES.filter((suite) => positionals.includes(suite.name));
    const { quick, json, heap, save } = values;
    for (const name of [save, values.compare]) {
      if (name !== undefined && !isRunName(name))
        throw new Error(`${name} is no name of a run: letters, digits, dashes`);
    }
    return {
      suites,
      quick,
      json,
      heap,
      save,
      before: values.compare === undefined ? undefined : loadRun(values.compare),
    };
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : String(thrown));
    console.error(
      "usage: npm run bench -- [SUITE...] [--quick] [--json FILE] [--save NAME] [--compare NAME]\n" +
        "         [--heap FILE]",
    );
    console.error("   or: npm run bench -- peers [--quick]");
    for (const suite of SUITES) console.error(`  ${suite.name.padEnd(11)} ${suite.about}`);
    return null;
  }
}
