/**
 * `npm run bench -- SUITE... [--quick] [--json FILE]`. All suites when none is named; `peers` stands apart, since it
 * installs other libraries. Exit code 1 when a target is missed, 2 for wrong arguments.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FULL, QUICK } from "./measure.ts";
import { runPeers } from "./peers.ts";
import type { Row } from "./row.ts";
import type { Suite } from "./suite.ts";
import { call } from "./suites/call.ts";
import { crdt } from "./suites/crdt.ts";
import { seedCrdt } from "./suites/seed-crdt.ts";
import { toTable } from "./table.ts";

const SUITES: readonly Suite[] = [seedCrdt, crdt, call];

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  if (args[0] === "peers") return runPeers(args.slice(1));
  const parsed = parse(args);
  if (parsed === null) return 2;
  const rows: Row[] = [];
  for (const suite of parsed.suites) rows.push(...(await suite.run(parsed.quick ? QUICK : FULL)));
  console.log(toTable(rows));
  if (parsed.json !== undefined) writeFileSync(parsed.json, `${JSON.stringify(rows, null, 2)}\n`);
  return rows.some((row) => row.holds === false) ? 1 : 0;
}

interface Arguments {
  readonly suites: readonly Suite[];
  readonly quick: boolean;
  readonly json: string | undefined;
}

function parse(args: string[]): Arguments | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
    });
    const unknown = positionals.filter((name) => !SUITES.some((suite) => suite.name === name));
    if (unknown.length > 0) throw new Error(`unknown suite: ${unknown.join(", ")}`);
    const suites = positionals.length === 0 ? SUITES : SUITES.filter((suite) => positionals.includes(suite.name));
    return { suites, quick: values.quick, json: values.json };
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : String(thrown));
    console.error("usage: npm run bench -- [SUITE...] [--quick] [--json FILE]   or   npm run bench -- peers");
    for (const suite of SUITES) console.error(`  ${suite.name.padEnd(8)} ${suite.about}`);
    return null;
  }
}
