/** How what goes beside the deltas is written in frames, behind the channel, and read again: drawn in `frames.ts`. */
import { ACTOR_BYTES, idKey, idKeyToBytes, type Reader, type Writer } from "../base/index.ts";
import { ACKNOWLEDGEMENT_BYTES_MAX } from "../replica/index.ts";
import { readActors, readMany, writeActors } from "./frame-parts.ts";
import type { Frame } from "./frames.ts";
import { HEARD_ACTORS_MAX, PRESENCE_BYTES_MAX, PRESENCES_PER_FRAME_MAX, RECEIPTS_PER_FRAME_MAX } from "./limits.ts";
import type { SentPresence } from "./presence/presence.ts";

type ReceiptsFrame = Extract<Frame, { readonly kind: "receipts" }>;

export function writeReceipts(writer: Writer, { actor, heard, acknowledgements }: ReceiptsFrame): Writer {
  writeActors(writer.raw(idKeyToBytes(actor)), heard).varint(acknowledgements.length);
  for (const acknowledgement of acknowledgements) writer.bytes(acknowledgement);
  return writer;
}

export function readReceipts(reader: Reader): Frame {
  return {
    kind: "receipts",
    channel: reader.varint(),
    actor: idKey(reader.raw(ACTOR_BYTES)),
    heard: readActors(reader, HEARD_ACTORS_MAX),
    acknowledgements: readMany(reader, RECEIPTS_PER_FRAME_MAX, 1, () => reader.bytes(ACKNOWLEDGEMENT_BYTES_MAX)),
  };
}

export function writePresence(writer: Writer, entries: readonly SentPresence[]): Writer {
  writer.varint(entries.length);
  for (const { leftMs, bytes } of entries) writer.varint(leftMs).bytes(bytes);
  return writer;
}

export function readPresence(reader: Reader): Frame {
  const readEntry = (): SentPresence => ({ leftMs: reader.varint(), bytes: reader.bytes(PRESENCE_BYTES_MAX) });
  const channel = reader.varint();
  return { kind: "presence", channel, entries: readMany(reader, PRESENCES_PER_FRAME_MAX, 2, readEntry) };
}
