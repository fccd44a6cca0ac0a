/**
 * A branch of the hash tree as the bytes that it is hashed from, in room for all of its children, so that a changed
 * child is one hash written in its place:
 *
 *   0x02 | bitmap of its children (u16 LE, bit n for nibble n) | their hashes, ascending by nibble
 */
import { HASH_BYTES, sha256 } from "../hash.ts";
import { BRANCH, FAN_OUT } from "./cell-digest.ts";

export const HEAD_BYTES = 3;
export const RECORD_BYTES: number = HEAD_BYTES + FAN_OUT * HASH_BYTES;

/** Without children, or as one was hashed. */
export function createRecord(from?: Uint8Array): Uint8Array {
  const record = new Uint8Array(RECORD_BYTES);
  record[0] = BRANCH;
  if (from !== undefined) record.set(from);
  return record;
}

export function bitmapOf(record: Uint8Array): number {
  return (record[1] as number) | ((record[2] as number) << 8);
}

/** Where the hash of a child lies, that is there or to be added: after those of the children before it. */
export function hashAt(record: Uint8Array, nibble: number): number {
  return HEAD_BYTES + countBits(bitmapOf(record) & ((1 << nibble) - 1)) * HASH_BYTES;
}

/** Adds a child to the bitmap, and moves the hashes of those after it. */
export function addChild(record: Uint8Array, nibble: number): void {
  const at = hashAt(record, nibble);
  const bitmap = bitmapOf(record) | (1 << nibble);
  record[1] = bitmap & 255;
  record[2] = bitmap >> 8;
  record.copyWithin(at + HASH_BYTES, at, RECORD_BYTES - HASH_BYTES);
}

/** The bytes that are hashed. */
export function recordBytes(record: Uint8Array): Uint8Array {
  return record.subarray(0, HEAD_BYTES + countBits(bitmapOf(record)) * HASH_BYTES);
}

export function hashRecord(record: Uint8Array): Uint8Array {
  return sha256(recordBytes(record));
}

/** Of a number of 16 bits. */
export function countBits(bits: number): number {
  let count = bits - ((bits >> 1) & 0x5555);
  count = (count & 0x3333) + ((count >> 2) & 0x3333);
  count = (count + (count >> 4)) & 0x0f0f;
  return (count + (count >> 8)) & 31;
}
