/** Plans by hand, each of which measures one thing: virtual milliseconds from the heal until all have one state. */
import { encodeFrame, type Frame } from "@dunlin/core/sync";
import type { Entry, Plan } from "./plan.ts";
import { type RunReport, run } from "./world.ts";

/** Members who have all joined by then. */
const JOINED_MS = 30_000;
const MINUTE_MS = 60_000;
const STEP_MS = 50;

/** Two halves that both write while they are parted, over links of 50 ms. */
export function partedHalves({
  nodes,
  deltasPerSide,
}: {
  readonly nodes: number;
  readonly deltasPerSide: number;
}): Plan {
  const partedMs = 5 * MINUTE_MS;
  const groups = Array.from({ length: nodes }, (_, node) => node % 2);
  const calls = Array.from({ length: 2 * deltasPerSide }, (_, i): Entry => {
    const atMs = JOINED_MS + MINUTE_MS + Math.floor(((i >> 1) * (partedMs - 10_000)) / deltasPerSide);
    const node = (i % 2) + 2 * ((i >> 1) % (nodes >> 1));
    return { atMs, kind: "calls", node, count: 1, seed: i };
  });
  const atMs = JOINED_MS + MINUTE_MS;
  const partition: Entry = { atMs, kind: "partition", groups, forMs: 2 * partedMs };
  return planOf(nodes, atMs + partedMs, 50, [...joinsOf(nodes), partition, ...calls]);
}

/** Calls up to the last moment, where nothing that is pushed arrives. */
export function unheardCalls(nodes: number): Plan {
  const calls = Array.from({ length: 200 }, (_, i): Entry => {
    return { atMs: JOINED_MS + MINUTE_MS + i * 250, kind: "calls", node: i % nodes, count: 1, seed: i };
  });
  return planOf(nodes, JOINED_MS + MINUTE_MS + calls.length * 250, 20, [...joinsOf(nodes), ...calls]);
}

/** What a node says whose pushes are all lost. */
export function neverPushes(frame: Frame): Uint8Array[] {
  return frame.kind === "deltas" && !frame.answer ? [] : [encodeFrame(frame)];
}

/** Runs it; what counts is when all have one state, not when they have told each other so. */
export function measure(plan: Plan, frames?: (frame: Frame) => Uint8Array[]): Promise<RunReport> {
  return run({ plan, oracles: "roots", stepMs: STEP_MS, ...(frames ? { frames } : {}) });
}

function joinsOf(nodes: number): Entry[] {
  return Array.from({ length: nodes - 1 }, (_, i): Entry => {
    return { atMs: 1_000 + i * 500, kind: "join", node: i + 1, by: 0, role: "writer", isBearer: false };
  });
}

function planOf(nodes: number, durationMs: number, delayMinMs: number, entries: readonly Entry[]): Plan {
  const weather = {
    delayMinMs,
    delayMeanMs: 0,
    cutChance: 0,
    noticeMaxMs: 0,
    redialMaxMs: 100,
    queueBytesMax: 4_194_304,
    dropChance: 0,
    duplicateChance: 0,
    reorderChance: 0,
    flushMeanMs: 1,
  };
  return { seed: 1, nodes, durationMs, weather, traitors: [], entries };
}
