/**
 * First writer wins: the value with the smallest (stamp, actor, canonical bytes) stays for ever, and can be neither
 * replaced nor cleared by whoever has seen it. For what is claimed once: a creation time, a name, a seat.
 *
 *   stamp (varint, above 0) | actor (16) | value
 *
 * The third part of the order decides only when one actor used a stamp twice. Refused: a reference, an absent value.
 * Who writes without having seen the value may back-date the claim, since a stamp need only exceed those of its past.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  type Reader,
  STAMP_MAX,
  STAMP_ZERO,
  type Stamp,
  type Writer,
} from "../../base/index.ts";
import { compareContents } from "../content.ts";
import { type Intern, ZERO_ACTOR } from "../origin.ts";
import { readStored, type Stored, writeStored } from "../stored.ts";
import { compareActors } from "./by-actor.ts";

export interface FirstWriterCell {
  /** Undefined in `empty` alone. */
  readonly content: Stored | undefined;
  readonly stamp: Stamp;
  readonly actor: ActorId;
}

export const empty: FirstWriterCell = { content: undefined, stamp: STAMP_ZERO, actor: ZERO_ACTOR };

export function join(a: FirstWriterCell, b: FirstWriterCell): FirstWriterCell {
  // The least cell has the least stamp, and loses all the same.
  if (b.content === undefined) return a;
  if (a.content === undefined) return b;
  if (a.stamp !== b.stamp) return a.stamp < b.stamp ? a : b;
  const byActor = compareActors(a.actor, b.actor);
  if (byActor !== 0) return byActor < 0 ? a : b;
  return compareContents(a.content, b.content) <= 0 ? a : b;
}

export function encode(writer: Writer, cell: FirstWriterCell): void {
  writer.varint(cell.stamp).raw(cell.actor);
  if (cell.content !== undefined) writeStored(writer, cell.content);
}

export function decode(reader: Reader, intern: Intern): FirstWriterCell {
  const stamp = reader.varint();
  const actor = reader.raw(ACTOR_BYTES);
  const content = readStored(reader);
  if (stamp === 0 || stamp > STAMP_MAX) reader.fail();
  return reader.failed ? empty : { content, stamp: stamp as Stamp, actor: intern(actor) };
}

export function isLive(cell: FirstWriterCell): boolean {
  return cell.content !== undefined;
}
