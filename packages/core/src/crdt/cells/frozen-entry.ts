/**
 * Frozen entry: a value under its own hash, which can be put there and never be changed or removed. The entry key is
 *
 *   SHA-256("dunlin/frozen/1" | canonical bytes of the value)
 *
 * and the cell the value alone. Whoever has a key can thus check the value. Two values for one key would be a collision
 * of SHA-256; the greater canonical bytes stand, so that join is total.
 */
import { idKey, idKeyToBytes, type Reader, utf8, Writer } from "../../base/index.ts";
import { compareContents } from "../content.ts";
import { HASH_BYTES, sha256 } from "../hash.ts";
import type { Intern } from "../origin.ts";
import { readStored, type Stored, writeStored } from "../stored.ts";

export interface FrozenEntryCell {
  /** Undefined in `empty` alone. */
  readonly content: Stored | undefined;
}

const DOMAIN = utf8("dunlin/frozen/1");
const scratch = new Writer();

export const empty: FrozenEntryCell = { content: undefined };

export function join(a: FrozenEntryCell, b: FrozenEntryCell): FrozenEntryCell {
  if (b.content === undefined) return a;
  if (a.content === undefined) return b;
  return compareContents(a.content, b.content) >= 0 ? a : b;
}

export function encode(writer: Writer, cell: FrozenEntryCell): void {
  if (cell.content !== undefined) writeStored(writer, cell.content);
}

export function decode(reader: Reader, _intern?: Intern): FrozenEntryCell {
  const content = readStored(reader);
  return reader.failed ? empty : { content };
}

export function isLive(cell: FrozenEntryCell): boolean {
  return cell.content !== undefined;
}

export function writeKey(writer: Writer, key: string): void {
  writer.raw(idKeyToBytes(key));
}

export function bytesToKey(bytes: Uint8Array): string | undefined {
  return bytes.length === HASH_BYTES ? idKey(bytes) : undefined;
}

/** The hash under which a value stands. */
export function frozenKey(content: Stored): Uint8Array {
  scratch.reset();
  writeStored(scratch.raw(DOMAIN), content);
  return sha256(scratch.view());
}
