/**
 * What a group carries in one context: four writers, calls of 1 KB, all members on this machine with their own LMDB and
 * libp2p on the loopback interface. A call counts when every member has it on disk. The rate rises by steps until it is
 * no longer sustained: all delivered, at the rate asked for, 99 of 100 within two seconds, and no growing lag.
 *
 * Calls of one writer that wait for the same flush share a signed delta, as they do in a node: deltas are fewer than calls
 * under load. Below, the latency at half the sustained rate, and what a delivery costs.
 */
import { cpus } from "node:os";
import { type Carried, Cluster } from "../cluster/cluster.ts";
import { type Row, type Target, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

interface Group {
  readonly size: number;
  readonly processes: number;
  readonly degree: number;
  /** Calls per second to try, ascending. */
  readonly steps: readonly number[];
  /** Of the guide, per second. */
  readonly guide: number;
  readonly target: number;
}

const GROUPS: readonly Group[] = [
  { size: 10, processes: 5, degree: 9, steps: [250, 500, 1000, 1500, 2000, 3000, 4000], guide: 100, target: 1000 },
  { size: 50, processes: 5, degree: 6, steps: [50, 100, 200, 400, 600], guide: 50, target: 400 },
  { size: 100, processes: 5, degree: 6, steps: [20, 50, 100, 150, 200, 300], guide: 20, target: 100 },
];

export const throughput: Suite = {
  name: "throughput",
  about: "calls per second that groups of 10, 50 and 100 members on this machine carry",
  async run({ isQuick }) {
    const rows: Row[] = [];
    for (const group of isQuick ? GROUPS.slice(0, 1) : GROUPS)
      rows.push(...(await measureGroup(group, isQuick ? 2000 : 5000)));
    return rows;
  },
};

async function measureGroup(group: Group, durationMs: number): Promise<Row[]> {
  await using cluster = await Cluster.open(group);
  const run = (perSecond: number): Promise<Carried> =>
    cluster.run({ writers: 4, perSecond, durationMs, valueBytes: 1024 });
  await run(group.steps[0] ?? 1);
  let best: Carried | undefined;
  for (const perSecond of group.steps) {
    const carried = await run(perSecond);
    if (!carried.isSustained) break;
    best = carried;
  }
  if (!best) return [row(group, "calls sustained", 0, "per s", { valueAtLeast: group.target })];
  const half = await run(best.offered / 2);
  return [
    row(
      group,
      "calls sustained",
      best.offered,
      "per s",
      { valueAtLeast: group.target },
      `${best.cores.toFixed(1)} of ${cpus().length} cores; the guide has ${group.guide}`,
    ),
    row(group, "to the last member's disk at half of it, p50", half.p50Ms, "ms"),
    row(group, "to the last member's disk at half of it, p99", half.p99Ms, "ms", { valueAtMost: 1000 }),
    row(group, "processor time per delivery at the most", best.usPerDelivery, "us"),
    row(group, "bytes per delivery at half of it", half.bytesPerReceiver, "bytes"),
  ];
}

function row(group: Group, name: string, value: number, unit: Row["unit"], target?: Target, note?: string): Row {
  return toRow({
    suite: "throughput",
    name: `${group.size} members: ${name}`,
    value,
    unit,
    ...(target ? { target } : {}),
    ...(note ? { note } : {}),
  });
}
