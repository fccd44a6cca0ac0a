/**
 * Pages of the hash tree as they are stored: each holds one subtree, by the nibbles that lead to it.
 *
 *   key     depth (1) | that many nibbles, two a byte, high one first, 0 behind an odd one
 *   inner   0x02 | bitmap of its children (u16 LE) | their hashes, ascending by nibble      as it is hashed
 *   leaf    0x03 | count times, ascending: SHA-256 of the cell's key (32) | digest of the cell (32)
 *
 * A subtree of at most `LEAF_CELLS_MAX` cells is a leaf, any larger one an inner page; so pages, like the tree, are a
 * function of the set of cells alone. Refused: cells out of order or of another subtree, a leaf that is too large, an
 * inner page whose bitmap and hashes do not match.
 */
import { compareBytes } from "../../base/index.ts";
import { HASH_BYTES } from "../hash.ts";
import { bitmapOf, countBits, HEAD_BYTES, RECORD_BYTES } from "./branch-record.ts";
import { BRANCH, nibbleAt } from "./cell-digest.ts";

/** Large enough that a page is worth a row, small enough that one change hashes few of its cells again. */
export const LEAF_CELLS_MAX = 64;
export const CELL_BYTES: number = 2 * HASH_BYTES;
const LEAF = 3;

export type PageBytes =
  | { readonly kind: "inner"; readonly record: Uint8Array }
  | { readonly kind: "leaf"; readonly cells: Uint8Array };

/** The row's key of the page at the first `depth` nibbles of a hash. */
export function pageKey(path: Uint8Array, depth: number): Uint8Array {
  const bytes = (depth + 1) >> 1;
  const key = new Uint8Array(1 + bytes);
  key[0] = depth;
  key.set(path.subarray(0, bytes), 1);
  if (depth % 2 === 1) key[bytes] = (key[bytes] as number) & 0xf0;
  return key;
}

export function encodeLeaf(cells: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + cells.length);
  bytes[0] = LEAF;
  bytes.set(cells, 1);
  return bytes;
}

export function encodePage(page: PageBytes): Uint8Array {
  return page.kind === "leaf" ? encodeLeaf(page.cells) : page.record.slice();
}

/** Undefined when the bytes are no page of this place. */
export function decodePage(bytes: Uint8Array, key: Uint8Array): PageBytes | undefined {
  if (bytes[0] === BRANCH) return isInner(bytes) ? { kind: "inner", record: bytes } : undefined;
  const cells = bytes.subarray(1);
  return bytes[0] === LEAF && isLeaf(cells, key) ? { kind: "leaf", cells } : undefined;
}

function isInner(record: Uint8Array): boolean {
  if (record.length < HEAD_BYTES || record.length > RECORD_BYTES) return false;
  const children = countBits(bitmapOf(record));
  return children > 0 && record.length === HEAD_BYTES + children * HASH_BYTES;
}

function isLeaf(cells: Uint8Array, key: Uint8Array): boolean {
  if (cells.length % CELL_BYTES !== 0 || cells.length > LEAF_CELLS_MAX * CELL_BYTES) return false;
  const depth = key[0] as number;
  for (let at = 0; at < cells.length; at += CELL_BYTES) {
    for (let i = 0; i < depth; i++) if (nibbleAt(cells, at, i) !== nibbleAt(key, 1, i)) return false;
    if (at === 0) continue;
    const previous = cells.subarray(at - CELL_BYTES, at - HASH_BYTES);
    if (compareBytes(previous, cells.subarray(at, at + HASH_BYTES)) >= 0) return false;
  }
  return true;
}
