/**
 * Catching up: a member that has nothing connects to one that has written, over libp2p on the loopback interface, and has
 * everything on LMDB. Deltas of one call each. From the dial, so the handshake is in it.
 *
 * Joining: the same where a checkpoint stands over what was written, ten sets a delta, and the author goes on with 100
 * calls a second; by a snapshot, beside a pull of all deltas. Until the newcomer has all that there was at the dial.
 */
import { SNAPSHOT_DELTAS_MIN } from "@dunlin/core/replica";
import { openPair } from "../cluster/pair.ts";
import { write } from "../cluster/writer.ts";
import { type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "sync";
const VALUE_BYTES = 100;
/** Of a delta, where a snapshot is joined by. */
const SETS = 10;
const WRITES_EVERY_MS = 10;
/** Per delta: an Ed25519 check alone takes 64 us, and one serves a batch of an actor. */
const US_PER_DELTA_MAX = 150;

export const sync: Suite = {
  name: SUITE,
  about: "catching up with 1,000, 10,000 and 100,000 deltas over a socket, and joining by a snapshot",
  async run({ isQuick }) {
    const rows: Row[] = [];
    for (const deltas of isQuick ? [1_000, 10_000] : [1_000, 10_000, 100_000]) rows.push(...(await catchUp(deltas)));
    const once = { name: "100,000 entries in 10,000 deltas", entries: 100_000, deltas: 10_000, mostMs: 1_000 };
    const often = { name: "10,000 entries in 40,000 deltas", entries: 10_000, deltas: 40_000, mostMs: undefined };
    for (const work of isQuick ? [once] : [once, often]) rows.push(await join(work));
    return rows;
  },
};

async function catchUp(deltas: number): Promise<Row[]> {
  await using pair = await openPair(2);
  for (let number = 0; number < deltas; number++) await write(pair.author.replica, number, VALUE_BYTES);
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  await pair.connect();
  await pair.even();
  const tookMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  const name = deltas.toLocaleString("en");
  const pulls = pair.author.engine.counters.get("sync.frames_pull") ?? 0;
  return [
    toRow({ suite: SUITE, name: `catch up with ${name} deltas`, value: tookMs, unit: "ms", note: `${pulls} pulls` }),
    toRow({
      suite: SUITE,
      name: `processor time of both sides, per delta of ${name}`,
      value: (user + system) / deltas,
      unit: "us",
      ...(deltas >= 10_000 ? { target: { valueAtMost: US_PER_DELTA_MAX } } : {}),
    }),
  ];
}

interface JoinWork {
  readonly name: string;
  readonly entries: number;
  readonly deltas: number;
  readonly mostMs: number | undefined;
}

async function join({ name, entries, deltas, mostMs }: JoinWork): Promise<Row> {
  const bySnapshot = await joinMs(entries, deltas, SNAPSHOT_DELTAS_MIN);
  const byPull = await joinMs(entries, deltas, undefined);
  return toRow({
    suite: SUITE,
    name: `join by a snapshot: ${name}`,
    value: bySnapshot,
    unit: "ms",
    reference: { name: "a pull of all deltas", value: byPull },
    ...(mostMs === undefined ? {} : { target: { valueAtMost: mostMs } }),
    note: "one peer, which takes 100 calls a second",
  });
}

async function joinMs(entries: number, deltas: number, joinsFrom: number | undefined): Promise<number> {
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
  const writing = setInterval(() => void write(author.replica, written++, VALUE_BYTES), WRITES_EVERY_MS);
  const begun = performance.now();
  await pair.connect();
  const { joining } = reader.replica.checkpoints;
  while (joining.isOn || reader.replica.flushed.count < before) await new Promise((resolve) => setTimeout(resolve, 2));
  const tookMs = performance.now() - begun;
  clearInterval(writing);
  await author.replica.settled();
  await pair.even();
  const [ours, theirs] = [author, reader].map(({ replica }) => replica.document.root());
  if (Buffer.compare(ours ?? Buffer.of(), theirs ?? Buffer.of()) !== 0) throw new Error("the states differ");
  return tookMs;
}
