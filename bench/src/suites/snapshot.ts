/**
 * Joining by a snapshot, where a checkpoint stands over what was written, ten sets a delta, and the author goes on with
 * 100 calls a second; beside a pull of all deltas. Over libp2p on the loopback interface, onto LMDB, from the dial until
 * the newcomer has all that there was then; and the longest turn meanwhile, in which nothing else could be answered.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { SNAPSHOT_DELTAS_MIN } from "@dunlin/core/replica";
import { openPair } from "../cluster/pair.ts";
import { write } from "../cluster/writer.ts";
import { type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "snapshot";
const VALUE_BYTES = 100;
/** Of a delta. */
const SETS = 10;
const WRITES_EVERY_MS = 10;

const SMALL: JoinWork = { name: "30,000 entries in 3,000 deltas", entries: 30_000, deltas: 3_000, mostMs: undefined };
const ONCE: JoinWork = { name: "100,000 entries in 10,000 deltas", entries: 100_000, deltas: 10_000, mostMs: 1_000 };
const OFTEN: JoinWork = { name: "10,000 entries in 40,000 deltas", entries: 10_000, deltas: 40_000, mostMs: undefined };

export const snapshot: Suite = {
  name: SUITE,
  about: "joining a context by a snapshot of its state, beside a pull of all deltas",
  async run({ isQuick }) {
    const rows: Row[] = [];
    for (const work of isQuick ? [SMALL] : [SMALL, ONCE, OFTEN]) rows.push(...(await join(work)));
    return rows;
  },
};

interface JoinWork {
  readonly name: string;
  readonly entries: number;
  readonly deltas: number;
  readonly mostMs: number | undefined;
}

interface Joined {
  readonly tookMs: number;
  /** The longest turn of the process, which holds author and newcomer. */
  readonly turnMs: number;
}

async function join({ name, entries, deltas, mostMs }: JoinWork): Promise<Row[]> {
  const bySnapshot = await joined(entries, deltas, SNAPSHOT_DELTAS_MIN);
  const byPull = await joined(entries, deltas, undefined);
  const base = { suite: SUITE, unit: "ms" } as const;
  return [
    toRow({
      ...base,
      name: `join by a snapshot: ${name}`,
      value: bySnapshot.tookMs,
      reference: { name: "a pull of all deltas", value: byPull.tookMs },
      ...(mostMs === undefined ? {} : { target: { valueAtMost: mostMs } }),
      note: "one peer, which takes 100 calls a second",
    }),
    toRow({
      ...base,
      name: `its longest turn: ${name}`,
      value: bySnapshot.turnMs,
      reference: { name: "that of the pull", value: byPull.turnMs },
    }),
  ];
}

async function joined(entries: number, deltas: number, joinsFrom: number | undefined): Promise<Joined> {
  await using pair = await openPair(2, { isSealed: true, role: "reader", joinsFrom });
  const { author, reader } = pair;
  for (let delta = 0; delta < deltas; delta++) {
    const done = await author.replica.call((transaction) => {
      const map = transaction.field("map", "load");
      for (let at = 0; at < SETS; at++) map.set(`key-${(delta * SETS + at) % entries}`, `value-${delta}-${at}`);
      return { ok: true, value: null, events: [] };
    });
    if (!done.ok) throw new Error(done.error.message);
  }
  const compacted = await author.replica.checkpoints.compact();
  if (!compacted.ok || compacted.value.state !== "compacted") throw new Error("no checkpoint took effect");
  const before = author.replica.flushed.count;
  let written = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const writing = setInterval(() => void write(author.replica, written++, VALUE_BYTES), WRITES_EVERY_MS);
  const begun = performance.now();
  await pair.connect();
  const { joining } = reader.replica.checkpoints;
  while (joining.isOn || reader.replica.flushed.count < before) await new Promise((resolve) => setTimeout(resolve, 2));
  const tookMs = performance.now() - begun;
  clearInterval(writing);
  delay.disable();
  const turnMs = delay.max / 1e6;
  await author.replica.settled();
  await pair.even();
  const [ours, theirs] = [author, reader].map(({ replica }) => replica.document.root());
  if (Buffer.compare(ours ?? Buffer.of(), theirs ?? Buffer.of()) !== 0) throw new Error("the states differ");
  return { tookMs, turnMs };
}
