/**
 * A process that begins on what a killed one left: until its context of many deltas takes calls again. A replica on LMDB
 * by itself, and a whole node, with its worker, its network and the application's sandbox.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CaseName, type Figures, inOwnProcess } from "../isolated.ts";
import { type Measured, type Row, type Target, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "restart";
const STARTS = 3;
const SIZES: readonly (readonly [deltas: number, atMostMs: number])[] = [
  [10_000, 500],
  [100_000, 500],
  [1_000_000, 1000],
];
/** As many as a node is called in reasonable time. */
const NODE_SIZES: readonly number[] = [10_000, 100_000];

export const restart: Suite = {
  name: SUITE,
  about: "from the start of a process to a durable call, on a context of 10k, 100k and 1M deltas; of a node too",
  run({ isQuick }) {
    const [sizes, nodeSizes] = isQuick ? [SIZES.slice(0, 1), NODE_SIZES.slice(0, 1)] : [SIZES, NODE_SIZES];
    return [...sizes.flatMap(([deltas, atMostMs]) => replicaRows(deltas, atMostMs)), ...nodeSizes.flatMap(nodeRows)];
  },
};

function replicaRows(deltas: number, atMostMs: number): Row[] {
  const figures = startsOf("fillStore", "reopen", deltas);
  const named = deltas.toLocaleString("en");
  return [
    bestOf(`process start to a durable call, ${named} deltas`, figures["readyMs"], { valueAtMost: atMostMs }),
    bestOf(`of it opening the context, ${named} deltas`, figures["openedMs"]),
    bestOf(`processor time until then, ${named} deltas`, figures["cpuMs"]),
  ];
}

function nodeRows(calls: number): Row[] {
  const figures = startsOf("fillNode", "startNode", calls);
  const named = calls.toLocaleString("en");
  return [
    bestOf(`node, process start to open, ${named} deltas`, figures["openMs"]),
    bestOf(`node, process start to a durable call, ${named} deltas`, figures["callMs"]),
    bestOf(`node, processor time until then, ${named} deltas`, figures["cpuMs"]),
  ];
}

function startsOf(fill: CaseName, start: CaseName, deltas: number): Figures {
  const all: { [figure: string]: number[] } = {};
  const folder = mkdtempSync(join(tmpdir(), "dunlin-restart-"));
  try {
    inOwnProcess(fill, 1, `${folder},${deltas}`);
    for (let turn = 0; turn < STARTS; turn++) {
      const figures = inOwnProcess(start, 1, `${folder},${deltas + turn}`);
      for (const [name, samples] of Object.entries(figures)) all[name] = [...(all[name] ?? []), ...samples];
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return all;
}

function bestOf(name: string, samples: readonly number[] = [], target?: Target): Row {
  const measured: Measured = {
    suite: SUITE,
    name,
    value: Math.min(...samples),
    median: samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN,
    unit: "ms",
    samples,
    samplesAsked: STARTS,
  };
  return toRow(target === undefined ? measured : { ...measured, target });
}
