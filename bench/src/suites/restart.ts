/** A process that begins on what a killed one left: until its context of many deltas takes calls again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inOwnProcess } from "../isolated.ts";
import { type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "restart";
const TARGETS_MS: readonly (readonly [deltas: number, atMostMs: number])[] = [
  [10_000, 500],
  [100_000, 500],
  [1_000_000, 1000],
];
const STARTS = 3;

export const restart: Suite = {
  name: SUITE,
  about: "from the start of a process to a durable call, on a context of 10k, 100k and 1M deltas",
  run({ isQuick }) {
    return (isQuick ? TARGETS_MS.slice(0, 1) : TARGETS_MS).flatMap(([deltas, atMostMs]) => rowsOf(deltas, atMostMs));
  },
};

function rowsOf(deltas: number, atMostMs: number): Row[] {
  const readyMs: number[] = [];
  const openedMs: number[] = [];
  const folder = mkdtempSync(join(tmpdir(), "dunlin-restart-"));
  try {
    inOwnProcess("fillStore", 1, `${folder},${deltas}`);
    for (let start = 0; start < STARTS; start++) {
      const figures = inOwnProcess("reopen", 1, `${folder},${deltas + start}`);
      readyMs.push(...(figures["readyMs"] ?? []));
      openedMs.push(...(figures["openedMs"] ?? []));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const of = (name: string, samples: readonly number[]) => ({
    suite: SUITE,
    name: `${name}, ${deltas.toLocaleString("en")} deltas`,
    value: Math.min(...samples),
    median: samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN,
    unit: "ms" as const,
    samples,
    samplesAsked: STARTS,
  });
  return [
    toRow({ ...of("process start to a durable call", readyMs), target: { valueAtMost: atMostMs } }),
    toRow(of("of it opening the context", openedMs)),
  ];
}
