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
  /** Of the design, for the long history alone: milliseconds and bytes by figure. */
  readonly targets?: { readonly [figure: string]: number } | undefined;
}

const FIXTURES = join(import.meta.dirname, "..", "..", "..", "fixtures", "traces");
const LONG: History["targets"] = {
  replayWarm: 40,
  replayCold: 100,
  receiveWarm: 40,
  loadWarm: 4,
  loadCold: 20,
  rawBytesCold: 135_000,
  pageBytesCold: 65_000,
};

const LINES: readonly (readonly [what: string, figure: string])[] = [
  ["replay, a join per edit, warm", "replayWarm"],
  ["replay, a join per edit, cold", "replayCold"],
  ["received, a join per edit, warm", "receiveWarm"],
  ["received, a join per edit, cold", "receiveCold"],
  ["load, warm", "loadWarm"],
  ["load, cold", "loadCold"],
];

const SIZES: readonly (readonly [what: string, figure: string])[] = [
  ["stored raw", "rawBytesCold"],
  ["in pages, deflated at level 6", "pageBytesCold"],
  ["joins", "joinBytesCold"],
];

export function textRows(suite: string, { isQuick }: Sampling): readonly Row[] {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-bench-"));
  try {
    return [
      ...histories().flatMap((history) => historyRows(suite, history, folder, isQuick)),
      ...concurrentHistories().flatMap((history) => concurrentRows(suite, history, isQuick)),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function histories(): readonly History[] {
  const own = { name: "letter", path: join(FIXTURES, "letter.json.gz") };
  const long = tracePath("automerge-paper.json.gz");
  return long === undefined ? [own] : [own, { name: "259,778 edits", path: long, targets: LONG }];
}

/** Of two writers at once. Those of the project's own have characters of two units, and positions in code points. */
function concurrentHistories(): readonly History[] {
  const long = tracePath("friendsforever.json.gz");
  return long === undefined ? [] : [{ name: "26,078 edits", path: long, targets: { mergeWarm: 10 } }];
}

function tracePath(file: string): string | undefined {
  const path = join(process.env["DUNLIN_TRACES"] ?? "", file);
  return existsSync(path) ? path : undefined;
}

function historyRows(suite: string, { name, path, targets }: History, folder: string, isQuick: boolean): Row[] {
  const input = `${path}\n${join(folder, `${name}.json`)}`;
  const [processes, runs] = isQuick ? [2, 4] : [4, 30];
  const figures = {
    ...spawnMany(processes, () => inOwnProcess("replayText", runs, input)),
    ...spawnMany(processes, () => inOwnProcess("receiveText", runs, input)),
    ...spawnMany(processes, () => inOwnProcess("loadText", runs * 4, input)),
    ...inOwnProcess("plainText", 3, input),
  };
  const reference = ["gap buffer", "plainReplay"] as const;
  const line = (what: string, figure: string) => ({
    name: `text, ${name}: ${what}`,
    figure,
    ...target(targets?.[figure]),
  });
  return [
    ...LINES.map(([what, figure]) => lineToRow(suite, { ...line(what, figure), reference }, figures)),
    ...SIZES.map(([what, figure]) => lineToRow(suite, { ...line(what, figure), unit: "bytes" }, figures)),
  ];
}

function concurrentRows(suite: string, { name, path, targets }: History, isQuick: boolean): Row[] {
  const figures = spawnMany(isQuick ? 2 : 4, () => inOwnProcess("mergeText", isQuick ? 4 : 48, path));
  return (["warm", "cold"] as const).map((heat) => {
    const figure = heat === "warm" ? "mergeWarm" : "mergeCold";
    const what = `text of two writers, ${name}: both replicas, ${heat}`;
    return lineToRow(suite, { name: what, figure, ...target(targets?.[figure]) }, figures);
  });
}

/** The first sample of each process is cold, the others are warm. */
function spawnMany(processes: number, spawn: () => Figures): Figures {
  const split: { [figure: string]: number[] } = {};
  const add = (figure: string, samples: readonly number[]): void => {
    split[figure] = [...(split[figure] ?? []), ...samples];
  };
  for (let i = 0; i < processes; i++) {
    for (const [figure, samples] of Object.entries(spawn())) {
      add(`${figure}Cold`, samples.slice(0, 1));
      add(`${figure}Warm`, samples.slice(1));
    }
  }
  return split;
}

function target(valueAtMost: number | undefined): { readonly target?: Target } {
  return valueAtMost === undefined ? {} : { target: { valueAtMost } };
}
