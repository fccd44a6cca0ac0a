/**
 * What a node keeps in memory, part by part, beside the guide's table of 100 contexts: structures after a full
 * collection, the rest as resident bytes that a process of its own has grown by. What a context takes as a whole, its
 * documents with it, is of the suite `contexts`.
 */
import { CACHED_BLOBS, NODE_DELTAS } from "../cases/node-memory.ts";
import { type Figures, inOwnProcess } from "../isolated.ts";
import { type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "node-memory";

export const nodeMemory: Suite = {
  name: SUITE,
  about: "memory of a node by its parts: graph, pending, blob cache, executor, network, base",
  run() {
    const parts = inOwnProcess("nodeParts", 1);
    const whole = inOwnProcess("nodeWhole", 1);
    const network = of(inOwnProcess("nodeNetwork", 1), "grown");
    const base = of(inOwnProcess("nodeBase", 1), "rss");
    const graph = `graph of ${NODE_DELTAS} deltas, the applied set in it`;
    return [
      row(graph, of(parts, "graph"), { guide: "5 to 8 MB and 32 KB", mostMB: 5 }),
      row(`${NODE_DELTAS} deltas that wait`, of(parts, "pending"), { guide: "0 to 500 KB of fewer" }),
      row(`cache of ${CACHED_BLOBS} blobs, beyond their bytes`, of(parts, "cacheBeyond")),
      row("an executor with its first context", of(whole, "executor"), { guide: "50 MB of threads", mostMB: 50 }),
      row("network, listening", network, { guide: "100 MB of buffers", mostMB: 100 }),
      row("a node without contexts, beyond the base", of(whole, "empty"), { note: "worker, store, network" }),
      row("base: a process with nothing loaded", base, { guide: "50 MB", mostMB: 50 }),
    ];
  },
};

interface Beside {
  readonly guide?: string;
  /** The guide's least. */
  readonly mostMB?: number;
  readonly note?: string;
}

function of(figures: Figures, key: string): number {
  return figures[key]?.[0] ?? Number.NaN;
}

function row(name: string, bytes: number, { guide, mostMB, note }: Beside = {}): Row {
  const told = guide === undefined ? note : `the guide has ${guide}`;
  return toRow({
    suite: SUITE,
    name,
    value: bytes / 1e6,
    unit: "MB",
    ...(mostMB === undefined ? {} : { target: { valueAtMost: mostMB } }),
    ...(told === undefined ? {} : { note: told }),
  });
}
