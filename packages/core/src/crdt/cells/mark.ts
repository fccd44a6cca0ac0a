/**
 * Mark: what one operation says of a stretch of a text, such as that it is bold, or no longer. Nothing changes a mark:
 * what holds for an element is what the last of the marks over it says, by name (`../text/spans.ts`). The entry key
 * puts the marks of a text into that order:
 *
 *   stamp (8, big-endian) | actor (16) | number within its delta (4, big-endian)
 *
 * and the cell is   name (string) | anchor of its start | anchor of its end | value, or absent when it takes away
 *
 * Two marks under one key, which only a faulty actor makes, are ordered by their bytes. After Litt, Lim, Kleppmann and
 * van Hardenberg, "Peritext: A CRDT for Collaborative Rich Text Editing" (2022).
 */
import {
  ACTOR_BYTES,
  type ActorId,
  compareBytes,
  idKey,
  idKeyToBytes,
  type Reader,
  STAMP_MAX,
  type Stamp,
  Writer,
} from "../../base/index.ts";
import { MARK_NAME_BYTES_MAX } from "../limits.ts";
import { readStored, type Stored, writeStored } from "../stored.ts";
import { type Anchor, readAnchor, writeAnchor } from "../text/anchor.ts";

export interface MarkCell {
  /** Empty in `empty` alone. */
  readonly name: string;
  readonly from: Anchor;
  readonly to: Anchor;
  /** Undefined takes the mark away. */
  readonly value: Stored | undefined;
}

const ABSENT_TAG = 0x20;
const STAMP_BYTES = 8;
const KEY_BYTES = STAMP_BYTES + ACTOR_BYTES + 4;
const TWO_32 = 2 ** 32;

export const empty: MarkCell = { name: "", from: { at: "start" }, to: { at: "start" }, value: undefined };

export function join(a: MarkCell, b: MarkCell): MarkCell {
  if (b === empty || a === b) return a;
  if (a === empty) return b;
  return compareBytes(markToBytes(a), markToBytes(b)) >= 0 ? a : b;
}

export function encode(writer: Writer, cell: MarkCell): void {
  writer.string(cell.name);
  writeAnchor(writer, cell.from);
  writeAnchor(writer, cell.to);
  if (cell.value === undefined) writer.u8(ABSENT_TAG);
  else writeStored(writer, cell.value);
}

export function decode(reader: Reader): MarkCell {
  const name = reader.string(MARK_NAME_BYTES_MAX);
  const from = readAnchor(reader);
  const to = readAnchor(reader);
  const isAbsent = reader.peek() === ABSENT_TAG;
  if (isAbsent) reader.u8();
  const value = isAbsent ? undefined : readStored(reader);
  if (name === "") reader.fail();
  return reader.failed ? empty : { name, from, to, value };
}

export function isLive(_cell: MarkCell): boolean {
  return true;
}

export function writeKey(writer: Writer, key: string): void {
  writer.raw(idKeyToBytes(key));
}

export function bytesToKey(bytes: Uint8Array): string | undefined {
  if (bytes.length !== KEY_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const stamp = view.getUint32(0) * TWO_32 + view.getUint32(4);
  return stamp < 1 || stamp > STAMP_MAX ? undefined : idKey(bytes);
}

/** The key in memory; keys compare as the marks follow each other. */
export function markKey(stamp: Stamp, actor: ActorId, number: number): string {
  const bytes = new Uint8Array(KEY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(stamp / TWO_32));
  view.setUint32(4, stamp % TWO_32);
  bytes.set(actor, STAMP_BYTES);
  view.setUint32(STAMP_BYTES + ACTOR_BYTES, number);
  return idKey(bytes);
}

function markToBytes(cell: MarkCell): Uint8Array {
  const writer = new Writer();
  encode(writer, cell);
  return writer.toBytes();
}
