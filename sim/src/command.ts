/** The command line as data. */
import { parseArgs } from "node:util";
import { PLANTED_BUGS, type PlantedBugName } from "./planted/planted.ts";

export const USAGE: string = `usage:
  sim --seeds N [--from S] [--nodes M] [--hours H]   N runs, each of another seed
  sim --seed S [--nodes M] [--hours H]               one run, exactly as before
  sim --plan FILE                                    one run of a plan that was written by a failure
  sim --gate test | verify                           the runs of that gate, after the committed regressions
options: --json (a summary for programs, and all else on standard error)  --no-shrink  --bug NAME (one of ${Object.keys(PLANTED_BUGS).join(", ")})`;

export interface Command {
  /** The runs, one plan each. */
  readonly fleet: readonly Drawn[];
  readonly planFile: string | undefined;
  /** Runs the committed regressions first. */
  readonly regressions: boolean;
  readonly json: boolean;
  readonly shrink: boolean;
  readonly bug: PlantedBugName | undefined;
}

/** What a plan is drawn from: of more nodes than can all be connected to all, that of a crowd. */
export interface Drawn {
  readonly seed: number;
  readonly nodes: number;
  readonly hours: number;
}

/** Seeds of each gate; how many nodes each has goes by the seed: five of ten have five, and some have many. */
const SEEDS_BY_GATE: Readonly<Record<string, number>> = { test: 12, verify: 500 };
const GATE_NODES = [5, 3, 5, 4, 5, 2, 5, 8, 5, 6];
/** Every so many seeds a run has as many nodes as may all be connected to all, for less time. */
const SEEDS_PER_MANY = 100;
export const CONNECTED_NODES_MAX = 25;
/** Two hundred take more than 8 GB. */
const NODES_MAX = 60;
/** A release has one, for as long as it takes them to come, to be parted, and to write. */
const CROWD: Drawn = { seed: 1, nodes: NODES_MAX, hours: 0.03 };

/** The command, or what is wrong with it. */
export function parseCommand(args: readonly string[]): Command | string {
  const parsed = parse(args);
  if (typeof parsed === "string") return parsed;
  const gate = parsed.gate === undefined ? undefined : SEEDS_BY_GATE[parsed.gate];
  if (parsed.gate !== undefined && !gate) return `no gate is called ${parsed.gate}`;
  const from = numberOf(parsed.seed ?? parsed.from ?? "1");
  const count = gate ?? (parsed.seed === undefined ? numberOf(parsed.seeds ?? "1") : 1);
  const nodes = numberOf(parsed.nodes ?? "5");
  const hours = numberOf(parsed.hours ?? "1");
  if (!from || !count || !nodes || !hours || nodes > NODES_MAX) return "a number is missing, not positive or too large";
  const bug = parsed.bug as PlantedBugName | undefined;
  if (bug !== undefined && !(bug in PLANTED_BUGS)) return `no planted bug is called ${bug}`;
  const seeds = parsed.plan === undefined ? Array.from({ length: count }, (_, i) => from + i) : [];
  return {
    fleet: gate
      ? [...seeds.map(drawnOf), ...(parsed.gate === "verify" ? [CROWD] : [])]
      : seeds.map((seed) => ({ seed, nodes, hours })),
    planFile: parsed.plan,
    regressions: gate !== undefined,
    json: parsed.json === true,
    shrink: parsed["no-shrink"] !== true,
    bug,
  };
}

function drawnOf(seed: number): Drawn {
  if (seed % SEEDS_PER_MANY === 0) return { seed, nodes: CONNECTED_NODES_MAX, hours: 0.25 };
  return { seed, nodes: GATE_NODES[seed % GATE_NODES.length] ?? 5, hours: 1 };
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
