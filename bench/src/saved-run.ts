/** A run kept by name, and what became of its rows since: `--save NAME`, later `--compare NAME`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { compareMedians } from "./bootstrap.ts";
import { calibrationLoop } from "./calibration.ts";
import { measure, type Sampling } from "./measure.ts";
import type { Row } from "./row.ts";

export interface SavedRun {
  readonly machine: string;
  readonly node: string;
  readonly calibrationUs: number;
  readonly rows: readonly Row[];
}

/** With fewer samples an interval means nothing. */
const SAMPLES_MIN = 5;

const NAME = /^[a-z0-9][a-z0-9-]{0,60}$/i;

export function isRunName(name: string): boolean {
  return NAME.test(name);
}

export function toSavedRun(rows: readonly Row[], sampling: Sampling): SavedRun {
  const [timing] = measure([calibrationLoop()], sampling);
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`;
  return { machine, node: process.version, calibrationUs: timing?.minUs ?? Number.NaN, rows };
}

export function saveRun(name: string, run: SavedRun): string {
  const path = pathOf(name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(run, null, 2)}\n`);
  return path;
}

export function loadRun(name: string): SavedRun {
  return JSON.parse(readFileSync(pathOf(name), "utf8")) as SavedRun;
}

/** A line for each row of both runs: by how much its median changed, and whether that is more than chance. */
export function compareRuns(before: SavedRun, after: SavedRun): string {
  const byName = new Map(before.rows.map((row) => [`${row.suite} ${row.name}`, row]));
  const lines = after.rows.flatMap((row) => {
    const key = `${row.suite} ${row.name}`;
    const old = byName.get(key);
    return old ? [`${key}: ${changeOf(old, row)}`] : [];
  });
  const speed = after.calibrationUs / before.calibrationUs;
  return [
    `then: ${before.machine}, Node ${before.node}; now: ${after.machine}, Node ${after.node}`,
    `the calibration loop takes ${speed.toFixed(2)} times as long as then; changes are as measured, not corrected by it`,
    ...lines,
  ].join("\n");
}

function changeOf(before: Row, after: Row): string {
  if (before.samples.length < SAMPLES_MIN || after.samples.length < SAMPLES_MIN) {
    return `${percent(after.value / before.value)}, of single samples: nothing can be said`;
  }
  const { ratio, low, high } = compareMedians(before.samples, after.samples);
  const verdict =
    low > 1
      ? isRate(after)
        ? "more"
        : "slower"
      : high < 1
        ? isRate(after)
          ? "less"
          : "faster"
        : "no change to be seen";
  return `${percent(ratio)} (95 %: ${percent(low)} to ${percent(high)}), ${verdict}`;
}

function isRate({ unit }: Row): boolean {
  return unit !== "us" && unit !== "ms" && unit !== "s";
}

function percent(ratio: number): string {
  const change = (ratio - 1) * 100;
  return `${change >= 0 ? "+" : ""}${change.toFixed(1)} %`;
}

function pathOf(name: string): string {
  return join(import.meta.dirname, "..", "..", ".cache", "bench", `${name}.json`);
}
