/**
 * Bytes of frames, without those of encryption and TCP (about 60 a packet): of a lone delta of 1 KB beyond its payload,
 * acknowledgements included; of exchanging heads; of signed acknowledgements; of a heartbeat in a context of 50 members; of catching up.
 */
import { encodeFrame } from "@dunlin/core/sync";
import { openPair, type Pair } from "../cluster/pair.ts";
import { write } from "../cluster/writer.ts";
import { toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "bandwidth";
const PAYLOAD_BYTES = 1024;
const DELTAS = 200;
const CAUGHT_UP = 500;

export const bandwidth: Suite = {
  name: SUITE,
  about: "bytes on the wire of a delta, of heads, of a heartbeat and of catching up",
  async run() {
    await using pair = await openPair(50);
    const { author } = pair;
    for (let number = 0; number < CAUGHT_UP; number++) await write(author.replica, number, PAYLOAD_BYTES);
    const empty = bytesOf(pair);
    await pair.connect();
    await pair.even();
    await quiet();
    const caughtUp = (bytesOf(pair) - empty) / CAUGHT_UP - PAYLOAD_BYTES;
    const before = bytesOf(pair);
    for (let number = 0; number < DELTAS; number++) {
      await write(author.replica, number, PAYLOAD_BYTES);
      await pair.even();
    }
    await quiet();
    const lone = (bytesOf(pair) - before) / DELTAS - PAYLOAD_BYTES;
    const { heads, vector } = author.replica.flushed;
    const hash = new Uint8Array(32);
    const digest = encodeFrame({ kind: "digest", entries: [{ channel: 0, heads: hash, root: hash }] });
    const own = author.replica.receipts.toTell().slice(0, 1);
    const acknowledgements = own.map(({ bytes }) => bytes);
    const actor = author.replica.receipts.actorKey;
    const receipts = encodeFrame({ kind: "receipts", channel: 0, actor, heard: [actor], acknowledgements });
    const state = encodeFrame({ kind: "state", channel: 0, heads, vector });
    return [
      row("a lone delta of 1 KB, beyond its payload", lone, 200, "the guide has 1 KB"),
      row("a delta of 1 KB when catching up, beyond its payload", caughtUp, 200, "handshake and heads included"),
      row("heads and vector, where digests differ", state.length, undefined, "the guide has 1 KB"),
      row("signed acknowledgements, one author, at most once in 5 s", receipts.length, undefined, "for receipts"),
      row("a heartbeat of a context of 50 members", digest.length, 1024, "the guide has 1 KB"),
    ];
  },
};

function bytesOf({ author, reader }: Pair): number {
  return author.network.stats().totals.bytesOut + reader.network.stats().totals.bytesOut;
}

/** Until announcements and acknowledgements are out. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1500));
}

function row(name: string, value: number, most: number | undefined, note: string) {
  const target = most === undefined ? {} : { target: { valueAtMost: most } };
  return toRow({ suite: SUITE, name, value, unit: "bytes", note, ...target });
}
