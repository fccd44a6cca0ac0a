/**
 * Where the time goes between a call on one node and the page that shows it on another, at a low rate: two real nodes in
 * this process, each with its worker, LMDB and libp2p on the loopback interface, a TypeScript application whose event has
 * a handler, and a client of the second node's WebSocket. Beside each phase the ceiling that the guide gives.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectNode, type WatchedEvent } from "@dunlin/client";
import { silentLog } from "@dunlin/core/base";
import type { MetricSnapshot } from "@dunlin/core/metrics";
import { openServer } from "@dunlin/server";
import { WebSocket } from "ws";
import { openService } from "../open-bench-node.ts";
import { must, share } from "../ping.ts";
import { type Row, type Target, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "latency";
const GAP_MS = 40;
const TOKEN = "bench".repeat(8);

/** When a call's delta was where; by the clock of this process. */
interface Trip {
  calledMs: number;
  answeredMs: number;
  /** The other node had it on disk. */
  arrivedMs: number;
  /** A client of the other node had its event. */
  shownMs: number;
}

export const latency: Suite = {
  name: SUITE,
  about: "a call on one node to a page on another, by phase",
  async run({ isQuick }) {
    const folder = mkdtempSync(join(tmpdir(), "dunlin-latency-"));
    try {
      return await measurePhases(folder, isQuick ? 100 : 500);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function measurePhases(folder: string, calls: number): Promise<Row[]> {
  await using author = await openService(join(folder, "author"));
  await using reader = await openService(join(folder, "reader"));
  const contextId = await share(author, reader);
  await using server = await openServer({
    service: reader,
    listen: { host: "127.0.0.1", port: 0 },
    token: TOKEN,
    log: silentLog,
  });
  const trips = new Map<string, Trip>();
  const stopArrivals = reader.subscribe(({ deltas }) => note(trips, deltas, "arrivedMs"));
  const stop = new AbortController();
  const client = connectNode({ url: `http://127.0.0.1:${server.port}`, token: TOKEN });
  const shown = showAll(client.watch([contextId], { signal: stop.signal, WebSocket }), trips);
  for (let call = 0; call < calls; call++) {
    const calledMs = performance.now();
    const args = { key: `key-${call % 100}`, value: "x".repeat(1024) };
    const deltaId = must(await author.execute({ contextId, method: "ping", args })).deltaId ?? "";
    const trip = trips.get(deltaId) ?? { ...NOWHERE };
    trips.set(deltaId, Object.assign(trip, { calledMs, answeredMs: performance.now() }));
    await new Promise((resolve) => setTimeout(resolve, GAP_MS));
  }
  await untilShown(trips);
  stop.abort();
  await shown;
  stopArrivals();
  return toRows([...trips.values()].filter(isWhole), await reader.metrics());
}

const NOWHERE: Trip = { calledMs: 0, answeredMs: 0, arrivedMs: 0, shownMs: 0 };

/** Handlers write deltas as well, which nobody called for. */
function isWhole({ calledMs, arrivedMs, shownMs }: Trip): boolean {
  return calledMs > 0 && arrivedMs > 0 && shownMs > 0;
}

function note(trips: Map<string, Trip>, deltas: readonly string[], at: "arrivedMs" | "shownMs"): void {
  for (const id of deltas) {
    const trip = trips.get(id) ?? { ...NOWHERE };
    trip[at] = performance.now();
    trips.set(id, trip);
  }
}

async function showAll(events: AsyncIterable<WatchedEvent>, trips: Map<string, Trip>): Promise<void> {
  for await (const event of events) if (event.kind === "commit") note(trips, event.commit.deltas, "shownMs");
}

async function untilShown(trips: ReadonlyMap<string, Trip>): Promise<void> {
  const deadline = performance.now() + 10_000;
  const isMissing = (): boolean => [...trips.values()].some((trip) => trip.calledMs > 0 && !isWhole(trip));
  while (isMissing()) {
    if (performance.now() > deadline) throw new Error("not every call was shown by the other node");
    await new Promise((resolve) => setTimeout(resolve, GAP_MS));
  }
}

function toRows(trips: readonly Trip[], metrics: readonly MetricSnapshot[]): Row[] {
  const of = (from: keyof Trip, to: keyof Trip): number[] =>
    trips.map((trip) => trip[to] - trip[from]).sort((a, b) => a - b);
  const wall = (name: string, times: readonly number[], target: Target, note: string): Row =>
    toRow({
      suite: SUITE,
      name: `${name}, p50; p99 ${at(times, 0.99).toFixed(1)} ms`,
      value: at(times, 0.5),
      unit: "ms",
      target,
      note,
    });
  const metric = (name: string, key: string, most: number, note: string): Row => {
    const series = metrics.find((found) => found.name === key)?.series[0];
    if (!series || !("p50" in series)) throw new Error(`the node has no histogram ${key}`);
    const { p50, p99 } = series;
    const row = `${name}, p50; p99 ${p99.toFixed(1)} ms`;
    return toRow({ suite: SUITE, name: row, value: p50, unit: "ms", target: { valueAtMost: most }, note });
  };
  const end = of("calledMs", "shownMs");
  return [
    wall("transaction, with its flush", of("calledMs", "answeredMs"), { valueAtMost: 50 }, "the guide has 5 to 50 ms"),
    wall("to the other's disk after that", of("answeredMs", "arrivedMs"), { valueAtMost: 100 }, "the guide has 100 ms"),
    metric("reception and application", "node.delta_apply_duration", 50, "the guide has under 1 and 5 to 50 ms"),
    metric("event handler, with its flush", "node.event_handler_duration", 50, "the guide has 5 to 50 ms"),
    wall("WebSocket", of("arrivedMs", "shownMs"), { valueAtMost: 1 }, "the guide has under 1 ms"),
    wall("from the call to the other's page", end, { valueAtMost: 20 }, "the guide has 15 to 150 ms"),
    toRow({
      suite: SUITE,
      name: "the same, p99",
      value: at(end, 0.99),
      unit: "ms",
      target: { valueAtMost: 50 },
      note: "the guide has 100 to 200 ms",
    }),
  ];
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
