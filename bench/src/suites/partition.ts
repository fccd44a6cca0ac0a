/**
 * Twenty members, all connected, over links that take 50 ms each way: what it takes until the last has a call, and until
 * all are even again after the halves were apart, and after one was away. From the first link that stands again: until
 * then nobody can know anything, and how soon that is goes with when somebody dials.
 *
 * Five processes of this machine, as in `throughput`; each link goes through a proxy of its own.
 */
import { Cluster, type Joined } from "../cluster/cluster.ts";
import { type Row, type Target, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "partition";
const SIZE = 20;
const LATENCY_MS = 50;
const WRITERS = 4;
/** Of each side, together. */
const CALLS = 2_000;

export const partition: Suite = {
  name: SUITE,
  about: "twenty members over slow links: reach of a call, and convergence after a partition",
  async run({ isQuick }) {
    await using cluster = await Cluster.open({ size: SIZE, processes: 5, degree: SIZE - 1, latencyMs: LATENCY_MS });
    const load = { writers: WRITERS, valueBytes: 1024 };
    await cluster.run({ ...load, perSecond: 20, durationMs: 2_000 });
    const calm = await cluster.run({ ...load, perSecond: 20, durationMs: isQuick ? 5_000 : 20_000 });
    const partedMs = isQuick ? 25_000 : 300_000;
    const apart = { ...load, perSecond: 100, durationMs: CALLS * 10 };
    const halves = await cluster.part(
      sides((index) => index < SIZE / 2),
      apart,
      partedMs,
    );
    const away = await cluster.part(
      sides((index) => index < SIZE - 1),
      { ...apart, durationMs: 2_000 },
      5_000,
    );
    return [
      row("to the last member, 20 calls per second, p50 (guide 100 to 150)", calm.p50Ms, { valueAtMost: 150 }),
      row("to the last member, 20 calls per second, p99 (guide 200 to 300)", calm.p99Ms, { valueAtMost: 300 }),
      joined(`even after halves were apart for ${partedMs / 1000} s (guide 2 to 5 s)`, halves, { valueAtMost: 3_000 }),
      joined("even after one was away for 5 s (guide, sync latency: 500 to 1000)", away, { valueAtMost: 1_000 }),
    ];
  },
};

function sides(isFirst: (index: number) => boolean): number[] {
  return Array.from({ length: SIZE }, (_, index) => (isFirst(index) ? 0 : 1));
}

function joined(name: string, { calls, joinedMs, evenMs }: Joined, target: Target): Row {
  return row(name, evenMs, target, `${calls} calls meanwhile; the first link stood ${Math.round(joinedMs)} ms after`);
}

function row(name: string, value: number, target: Target, note?: string): Row {
  const of = `${SIZE} members, ${LATENCY_MS} ms links: ${name}`;
  return toRow({ suite: SUITE, name: of, value, unit: "ms", target, ...(note ? { note } : {}) });
}
