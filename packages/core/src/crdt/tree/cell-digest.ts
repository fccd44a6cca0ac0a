/**
 * What the hash tree hashes. Three hashes, told apart by what they begin with:
 *
 *   cell     SHA-256( 0x00 | length of the key (varint) | key | value )
 *   bucket   SHA-256( 0x01 | digests of its cells, ascending by SHA-256 of the key )
 *   branch   SHA-256( 0x02 | bitmap of its children (u16 LE, bit n for nibble n) | their hashes, ascending by nibble )
 *
 * The tree has fan-out 16 over the nibbles of SHA-256(cell key), high nibble first. A node that holds more than four
 * cells is a branch, any other a bucket; so the shape is a function of the set of keys alone. The empty state is an
 * empty bucket.
 */
import { Writer } from "../../base/index.ts";
import { sha256 } from "../hash.ts";

/** Few hashes per write and few siblings to hash again: measured best between 1 and 6 cells per bucket. */
export const BUCKET_CELLS_MAX = 4;
export const FAN_OUT = 16;
const CELL = 0;
export const BUCKET = 1;
export const BRANCH = 2;

const scratch = new Writer(1024);

export function cellDigest(key: Uint8Array, value: Uint8Array): Uint8Array {
  scratch.reset();
  return sha256(scratch.u8(CELL).bytes(key).raw(value).view());
}

/** Nibble `depth` of a key hash that starts at `offset`. */
export function nibbleAt(hashes: Uint8Array, offset: number, depth: number): number {
  const byte = hashes[offset + (depth >> 1)] as number;
  return depth % 2 === 0 ? byte >> 4 : byte & 15;
}
