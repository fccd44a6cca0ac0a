/**
 * A guest's rows in the store, below a prefix that is the context's:
 *
 * ```
 * 's' key       the guest's state
 * 'p' key       what is private to this node: never folded, never sent
 * 'a' log key   the guest's root after this record was applied
 * 'u' log key   what the record's writes replaced:   count | count times: key (bytes) | 0, or 1 and value (bytes)
 * 'm'           the id of the application that has folded all this
 * ```
 *
 * Rows of 'a' and 'u' are written in one batch with the state that they tell of.
 */
import { concatBytes, prefixEnd, type RangeOptions, Reader, utf8, Writer } from "@dunlin/core/base";
import { GUEST_LIMITS_DEFAULT } from "../limits.ts";
import type { GuestWrite } from "../overlay.ts";

export type GuestTable = "s" | "p" | "a" | "u" | "m";

/** Writes of one call, at two bytes each at the least. */
const WRITES_MAX = 1_048_576;

export function rowKey(prefix: Uint8Array, table: GuestTable, key: Uint8Array): Uint8Array {
  return concatBytes(prefix, utf8(table), key);
}

export function rowRange(prefix: Uint8Array, table: GuestTable): RangeOptions {
  const gte = concatBytes(prefix, utf8(table));
  return { gte, lt: prefixEnd(gte) ?? new Uint8Array(0) };
}

export function encodeUndo(replaced: readonly GuestWrite[]): Uint8Array {
  const writer = new Writer().varint(replaced.length);
  for (const [key, value] of replaced) {
    writer.bytes(key).u8(value === undefined ? 0 : 1);
    if (value !== undefined) writer.bytes(value);
  }
  return writer.toBytes();
}

/** Undefined for a row that this version did not write. */
export function decodeUndo(bytes: Uint8Array): GuestWrite[] | undefined {
  const reader = new Reader(bytes);
  const replaced: GuestWrite[] = [];
  for (let rest = reader.count(WRITES_MAX, 2); rest > 0 && !reader.failed; rest--) {
    const key = reader.bytes(GUEST_LIMITS_DEFAULT.storageKeyBytesMax).slice();
    const flag = reader.u8();
    if (flag > 1) reader.fail();
    replaced.push([key, flag === 1 ? reader.bytes(GUEST_LIMITS_DEFAULT.storageValueBytesMax).slice() : undefined]);
  }
  return reader.finish() ? replaced : undefined;
}
