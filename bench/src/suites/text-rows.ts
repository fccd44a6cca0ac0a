/** Recorded editing histories: those of this repository, and the 259,778 edits when `DUNLIN_TRACES` has them. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Figures, inOwnProcess } from "../isolated.ts";
import type { Sampling } from "../measure.ts";
import type { Row, Target } from "../row.ts";
import { lineToRow } from "./map-rows.ts";

interface History {
  readonly name: string;
  readonly path: string;
  /** Of the design, for the long history alone: milliseconds warm and cold, bytes. */
  readonly targets?: Targets;
}

interface Targets {
  readonly replayWarmMs: number;
  readonly replayColdMs: number;
  readonly receiveMs: number;
  readonly bytes: number;
  readonly loadWarmMs: number;
  readonly loadColdMs: number;
}

const FIXTURES = join(import.meta.dirname, "..", "..", "..", "fixtures", "traces");
const LONG: Targets = {
  replayWarmMs: 40,
  replayColdMs: 100,
  receiveMs: 40,
  bytes: 135_000,
  loadWarmMs: 4,
  loadColdMs: 20,
};

export function textRows(suite: string, { isQuick }: Sampling): readonly Row[] {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-bench-"));
  try {
    return histories().flatMap((history) => historyRows(suite, history, folder, isQuick));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function histories(): readonly History[] {
  const own = { name: "letter", path: join(FIXTURES, "letter.json.gz") };
  const long = join(process.env["DUNLIN_TRACES"] ?? "", "automerge-paper.json.gz");
  if (!existsSync(long)) return [own];
  return [own, { name: "259,778 edits", path: long, targets: LONG }];
}

function historyRows(suite: string, { name, path, targets }: History, folder: string, isQuick: boolean): Row[] {
  const input = `${path}\n${join(folder, `${name}.json`)}`;
  const [processes, runs] = isQuick ? [2, 4] : [4, 8];
  const replays = spawnMany(processes, () => inOwnProcess("replayText", runs, input));
  const loads = spawnMany(processes, () => inOwnProcess("loadText", runs * 4, input));
  const figures = { ...replays, ...loads, ...inOwnProcess("plainText", 3, input) };
  const gapBuffer = ["gap buffer", "plainReplay"] as const;
  const lines: readonly (readonly [string, string, number | undefined])[] = [
    ["replay, a join per edit, warm", "replayWarm", targets?.replayWarmMs],
    ["replay, a join per edit, cold", "replayCold", targets?.replayColdMs],
    ["received, a join per edit, warm", "receiveWarm", targets?.receiveMs],
    ["load, warm", "loadWarm", targets?.loadWarmMs],
    ["load, cold", "loadCold", targets?.loadColdMs],
  ];
  return [
    ...lines.map(([what, figure, valueAtMost]) =>
      lineToRow(
        suite,
        { name: `text, ${name}: ${what}`, figure, reference: gapBuffer, ...target(valueAtMost) },
        figures,
      ),
    ),
    lineToRow(
      suite,
      { name: `text, ${name}: stored raw`, figure: "rawBytesCold", unit: "bytes", ...target(targets?.bytes) },
      figures,
    ),
    lineToRow(suite, { name: `text, ${name}: joins`, figure: "joinBytesCold", unit: "bytes" }, figures),
  ];
}

/** The first sample of each process is cold, the others are warm. */
function spawnMany(processes: number, spawn: () => Figures): Figures {
  const split: { [figure: string]: number[] } = {};
  for (let i = 0; i < processes; i++) {
    for (const [figure, [first, ...others]] of Object.entries(spawn())) {
      split[`${figure}Cold`] = [...(split[`${figure}Cold`] ?? []), first ?? Number.NaN];
      split[`${figure}Warm`] = [...(split[`${figure}Warm`] ?? []), ...others];
    }
  }
  return split;
}

function target(valueAtMost: number | undefined): { readonly target?: Target } {
  return valueAtMost === undefined ? {} : { target: { valueAtMost } };
}
