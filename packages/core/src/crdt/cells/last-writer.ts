/**
 * Last writer wins: what registers and map entries have in common.
 *
 *   stamp (varint, above 0) | actor (16) | content
 *
 * The order is (stamp, actor, canonical bytes of the content). The third part decides only when one actor used a stamp
 * twice, which a forger or a copied installation can do; without it the replicas would part.
 */
import {
  type ActorId,
  compareBytes,
  type Reader,
  STAMP_MAX,
  STAMP_ZERO,
  type Stamp,
  type Writer,
} from "../../base/index.ts";
import { type Content, compareContents, readContent, writeContent } from "../content.ts";
import { type Intern, ZERO_ACTOR } from "../origin.ts";

export interface LastWriterCell {
  readonly content: Content;
  readonly stamp: Stamp;
  readonly actor: ActorId;
}

/** That of the cell decoded last: neighbours often have the same. */
let lastActor: ActorId = ZERO_ACTOR;

export const empty: LastWriterCell = { content: undefined, stamp: STAMP_ZERO, actor: ZERO_ACTOR };

export function join(a: LastWriterCell, b: LastWriterCell): LastWriterCell {
  if (a.stamp !== b.stamp) return a.stamp > b.stamp ? a : b;
  return breakTie(a, b);
}

export function encode(writer: Writer, cell: LastWriterCell): void {
  writer.varint(cell.stamp).raw(cell.actor);
  writeContent(writer, cell.content);
}

export function decode(reader: Reader, intern: Intern): LastWriterCell {
  const stamp = reader.varint();
  const actor = reader.rawLike(lastActor);
  const content = readContent(reader, intern);
  if (stamp === 0 || stamp > STAMP_MAX) reader.fail();
  if (reader.failed) return empty;
  lastActor = intern(actor);
  return { content, stamp: stamp as Stamp, actor: lastActor };
}

export function isLive(cell: LastWriterCell): boolean {
  return cell.content !== undefined;
}

function breakTie(a: LastWriterCell, b: LastWriterCell): LastWriterCell {
  const byActor = a.actor === b.actor ? 0 : compareBytes(a.actor, b.actor);
  if (byActor !== 0) return byActor > 0 ? a : b;
  return compareContents(a.content, b.content) >= 0 ? a : b;
}
