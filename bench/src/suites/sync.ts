/**
 * Catching up: a member that has nothing connects to one that has written, over libp2p on the loopback interface, and has
 * everything on LMDB. Deltas of one call each. From the dial, so the handshake is in it.
 */
import { openPair } from "../cluster/pair.ts";
import { write } from "../cluster/writer.ts";
import { type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "sync";
const VALUE_BYTES = 100;
/** Per delta: an Ed25519 check alone takes 64 us, and one serves a batch of an actor. */
const US_PER_DELTA_MAX = 150;

export const sync: Suite = {
  name: SUITE,
  about: "catching up with 1,000, 10,000 and 100,000 deltas over a socket",
  async run({ isQuick }) {
    const rows: Row[] = [];
    for (const deltas of isQuick ? [1_000, 10_000] : [1_000, 10_000, 100_000]) rows.push(...(await catchUp(deltas)));
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
