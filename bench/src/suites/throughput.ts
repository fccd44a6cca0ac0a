/**
 * What a group carries in one context: four writers, calls of 1 KB, all members on this machine with their own LMDB and
 * libp2p on the loopback interface. A call counts when every member has it on disk. The rate rises by steps until it is
 * no longer sustained: all delivered, at the rate asked for, 99 of 100 within two seconds, and no growing lag.
 *
 * The reference is bare gossipsub, on the same graph, in as many processes, in the same run: each message signed and
 * checked, nothing stored, and a call counts when every member has the message.
 *
 * Calls of one writer that wait for the same flush share a signed delta, as they do in a node: deltas are fewer than calls
 * under load. Below, the latency at half the sustained rate, and what a delivery costs.
 */
import { cpus } from "node:os";
import { type Carried, Cluster, type ClusterOptions } from "../cluster/cluster.ts";
import { ensurePeers, GOSSIPSUB_PROCESS } from "../peers.ts";
import { type Measured, type Row, toRow } from "../row.ts";
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
  { size: 1, processes: 1, degree: 0, steps: [1000, 2000, 4000, 6000, 8000, 10_000], guide: 1000, target: 1000 },
  { size: 10, processes: 5, degree: 9, steps: [250, 500, 1000, 1500, 2000, 3000, 4000], guide: 100, target: 1000 },
  { size: 50, processes: 5, degree: 6, steps: [50, 100, 200, 400, 600], guide: 50, target: 400 },
  { size: 100, processes: 5, degree: 6, steps: [20, 50, 100, 150, 200, 300], guide: 20, target: 100 },
];

/** What is tried of gossipsub, calls per second. */
const GOSSIPSUB_STEPS = [10, 20, 40, 80, 160, 320, 640];

export const throughput: Suite = {
  name: "throughput",
  about: "calls per second that groups of 10, 50 and 100 members on this machine carry",
  async run({ isQuick }) {
    const rows: Row[] = [];
    for (const group of isQuick ? GROUPS.slice(0, 2) : GROUPS)
      rows.push(...(await measureGroup(group, isQuick ? 2000 : 5000)));
    return rows;
  },
};

/** What was carried at the most, and at half of that; undefined where the first step was too much. */
interface Most {
  readonly best: Carried;
  readonly half: Carried;
}

async function measureGroup(group: Group, durationMs: number): Promise<Row[]> {
  const ours = await measureMost(group, group.steps, durationMs);
  // Alone there is nobody to gossip with.
  const theirs =
    group.size > 1 && ensurePeers()
      ? await measureMost({ ...group, process: GOSSIPSUB_PROCESS }, GOSSIPSUB_STEPS, durationMs)
      : undefined;
  const row = (name: string, of: (most: Most) => number, rest: Pick<Measured, "unit" | "target" | "note">): Row =>
    toRow({
      suite: "throughput",
      name: `${group.size} ${group.size === 1 ? "member" : "members"}: ${name}`,
      value: ours ? of(ours) : 0,
      ...(theirs ? { reference: { name: "gossipsub", value: of(theirs) } } : {}),
      ...rest,
    });
  const sustained = row("calls sustained", ({ best }) => best.offered, {
    unit: "per s",
    target: { valueAtLeast: group.target },
    note: `${ours?.best.cores.toFixed(1) ?? "?"} of ${cpus().length} cores; the guide has ${group.guide}`,
  });
  if (!ours) return [sustained];
  const latencies = [
    row("to the last member's disk at half of it, p50", ({ half }) => half.p50Ms, { unit: "ms" }),
    row("to the last member's disk at half of it, p99", ({ half }) => half.p99Ms, {
      unit: "ms",
      target: { valueAtMost: 1000 },
    }),
  ];
  if (group.size === 1) return [sustained, ...latencies];
  return [
    sustained,
    ...latencies,
    row("processor time per delivery at the most", ({ best }) => best.usPerDelivery, { unit: "us" }),
    toRow({
      suite: "throughput",
      name: `${group.size} members: bytes per delivery at half of it`,
      value: ours.half.bytesPerReceiver,
      unit: "bytes",
    }),
  ];
}

async function measureMost(
  options: ClusterOptions,
  steps: readonly number[],
  durationMs: number,
): Promise<Most | undefined> {
  await using cluster = await Cluster.open(options);
  const run = (perSecond: number): Promise<Carried> =>
    cluster.run({ writers: 4, perSecond, durationMs, valueBytes: 1024 });
  await run(steps[0] ?? 1);
  let best: Carried | undefined;
  for (const perSecond of steps) {
    const carried = await run(perSecond);
    if (!carried.isSustained) break;
    best = carried;
  }
  return best && { best, half: await run(best.offered / 2) };
}
