/** The command line as data. */
import { parseArgs } from "node:util";
import { PLANTED_BUGS, type PlantedBugName } from "./planted.ts";

export const USAGE: string = `usage:
  sim --seeds N [--from S] [--nodes M] [--hours H]   N runs, each of another seed
  sim --seed S [--nodes M] [--hours H]               one run, exactly as before
  sim --plan FILE                                    one run of a plan that was written by a failure
  sim --gate test | verify                           the runs of that gate, after the committed regressions
options: --json  --no-shrink  --bug NAME (one of ${Object.keys(PLANTED_BUGS).join(", ")})`;

export interface Command {
  /** Seeds to run, ascending. */
  readonly seeds: readonly number[];
  readonly nodes: number;
  readonly hours: number;
  readonly planFile: string | undefined;
  /** Runs the committed regressions first. */
  readonly regressions: boolean;
  readonly json: boolean;
  readonly shrink: boolean;
  readonly bug: PlantedBugName | undefined;
}

/** Node-hours: 12 * 5 = 60, and 500 * 5 = 2,500. */
const GATES: Readonly<Record<string, { readonly seeds: number; readonly nodes: number }>> = {
  test: { seeds: 12, nodes: 5 },
  verify: { seeds: 500, nodes: 5 },
};
const NODES_MAX = 25;

/** The command, or what is wrong with it. */
export function parseCommand(args: readonly string[]): Command | string {
  const parsed = parse(args);
  if (typeof parsed === "string") return parsed;
  const gate = parsed.gate === undefined ? undefined : GATES[parsed.gate];
  if (parsed.gate !== undefined && !gate) return `no gate is called ${parsed.gate}`;
  const from = numberOf(parsed.seed ?? parsed.from ?? "1");
  const count = gate?.seeds ?? (parsed.seed === undefined ? numberOf(parsed.seeds ?? "1") : 1);
  const nodes = numberOf(parsed.nodes ?? String(gate?.nodes ?? 5));
  const hours = numberOf(parsed.hours ?? "1");
  if (!from || !count || !nodes || !hours || nodes > NODES_MAX) return "a number is missing, not positive or too large";
  const bug = parsed.bug as PlantedBugName | undefined;
  if (bug !== undefined && !(bug in PLANTED_BUGS)) return `no planted bug is called ${bug}`;
  return {
    seeds: parsed.plan === undefined ? Array.from({ length: count }, (_, i) => from + i) : [],
    nodes,
    hours,
    planFile: parsed.plan,
    regressions: gate !== undefined,
    json: parsed.json === true,
    shrink: parsed["no-shrink"] !== true,
    bug,
  };
}

function parse(args: readonly string[]): Options | string {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: text,
        seed: text,
        from: text,
        nodes: text,
        hours: text,
        plan: text,
        gate: text,
        bug: text,
        json: flag,
        "no-shrink": flag,
      },
    }).values;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

interface Options {
  readonly seeds?: string;
  readonly seed?: string;
  readonly from?: string;
  readonly nodes?: string;
  readonly hours?: string;
  readonly plan?: string;
  readonly gate?: string;
  readonly bug?: string;
  readonly json?: boolean;
  readonly "no-shrink"?: boolean;
}

function numberOf(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
