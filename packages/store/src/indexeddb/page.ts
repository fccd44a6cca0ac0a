/**
 * A page: neighbouring rows as one value of IndexedDB. It stays encoded in memory, with the offsets of its rows beside
 * it, so that a loaded page costs little more than its bytes; rows are given out as views of it.
 *
 *     page = version u8 (1) | prefix (varint length, bytes) | count varint | count x row
 *     row  = rest of the key (varint length, bytes) | value (varint length, bytes)
 *
 * Canonical: keys ascend, none is there twice, the prefix is all that they have in common, and there is a row at least.
 * Refused: everything else. It is stored as a block, which may be compressed: see `stored-page.ts`.
 */
import { assert, compareBytes, concatBytes, type Entry, Reader, Writer } from "@dunlin/core/base";
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "../shared/limits.ts";
import { ROWS_PER_PAGE_MAX } from "./limits.ts";

export interface Page {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly prefix: Uint8Array;
  /** Of each row: where its rest of the key begins and ends, where its value begins and ends. */
  readonly offsets: Uint32Array;
}

const VERSION = 1;
const OFFSETS_PER_ROW = 4;
const ROW_BYTES_MIN = 2;
/** What a row takes beyond its key and value: two lengths, of mostly one byte. */
const ROW_BYTES_EXTRA = 4;

/** What a row adds to a page, before prefixes are shared. */
export function rowBytes([key, value]: Entry): number {
  return key.length + value.length + ROW_BYTES_EXTRA;
}

/** Rows in ascending order of their keys, one at least. */
export function encodePage(rows: readonly Entry[]): Uint8Array {
  const [first, last] = [rows[0], rows.at(-1)];
  assert(first !== undefined && last !== undefined, "a page has a row");
  const shared = commonLength(first[0], last[0]);
  const bytes = rows.reduce((sum, row) => sum + rowBytes(row), KEY_BYTES_MAX);
  const writer = new Writer(bytes).u8(VERSION);
  writer.bytes(first[0].subarray(0, shared)).varint(rows.length);
  for (const [key, value] of rows) writer.bytes(key.subarray(shared)).bytes(value);
  return writer.toBytes();
}

/** The page, which keeps the bytes; undefined when they are not one. */
export function decodePage(bytes: Uint8Array): Page | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== VERSION) return undefined;
  const prefix = sized(reader, KEY_BYTES_MAX);
  const count = reader.count(ROWS_PER_PAGE_MAX, ROW_BYTES_MIN);
  const offsets = new Uint32Array(count * OFFSETS_PER_ROW);
  let before: Uint8Array | undefined;
  for (let i = 0; i < count * OFFSETS_PER_ROW; i += OFFSETS_PER_ROW) {
    const rest = sized(reader, KEY_BYTES_MAX - prefix.length);
    offsets[i] = reader.at - rest.length;
    offsets[i + 1] = reader.at;
    const value = sized(reader, VALUE_BYTES_MAX);
    offsets[i + 2] = reader.at - value.length;
    offsets[i + 3] = reader.at;
    if (before !== undefined && compareBytes(before, rest) >= 0) return undefined;
    before = rest;
  }
  if (!reader.finish() || count === 0) return undefined;
  const page = { bytes, count, prefix, offsets };
  return commonLength(restOf(page, 0), restOf(page, count - 1)) === 0 || count === 1 ? checkedKey(page) : undefined;
}

/** The index of the first row whose key is not below `key`. */
export function lowerBound(page: Page, key: Uint8Array): number {
  const { prefix, count } = page;
  const order = compareBytes(key.subarray(0, prefix.length), prefix);
  if (order !== 0) return order < 0 ? 0 : count;
  const rest = key.subarray(prefix.length);
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareRest(page, middle, rest) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value of a key, as a view of the page. */
export function findIn(page: Page, key: Uint8Array): Uint8Array | undefined {
  const at = lowerBound(page, key);
  const { prefix } = page;
  const isThere = at < page.count && compareRest(page, at, key.subarray(prefix.length)) === 0;
  return isThere && key.length >= prefix.length ? valueAt(page, at) : undefined;
}

export function keyAt(page: Page, index: number): Uint8Array {
  return concatBytes(page.prefix, restOf(page, index));
}

export function valueAt({ bytes, offsets }: Page, index: number): Uint8Array {
  const at = index * OFFSETS_PER_ROW;
  return bytes.subarray(offsets[at + 2], offsets[at + 3]);
}

export function rowsOf(page: Page): Entry[] {
  return Array.from({ length: page.count }, (_, i) => [keyAt(page, i), valueAt(page, i)] as const);
}

/** How many bytes two keys begin with in common. */
export function commonLength(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}

function restOf({ bytes, offsets }: Page, index: number): Uint8Array {
  const at = index * OFFSETS_PER_ROW;
  return bytes.subarray(offsets[at], offsets[at + 1]);
}

/** Without a view of the row: this is the inner loop of every read. */
function compareRest({ bytes, offsets }: Page, index: number, rest: Uint8Array): number {
  const start = offsets[index * OFFSETS_PER_ROW] as number;
  const length = (offsets[index * OFFSETS_PER_ROW + 1] as number) - start;
  const shared = Math.min(length, rest.length);
  for (let i = 0; i < shared; i++) {
    const difference = (bytes[start + i] as number) - (rest[i] as number);
    if (difference !== 0) return difference;
  }
  return length - rest.length;
}

/** A single row's key is all prefix, and no key is empty. */
function checkedKey(page: Page): Page | undefined {
  const first = restOf(page, 0);
  if (page.count === 1 && first.length > 0) return undefined;
  return page.prefix.length + first.length > 0 ? page : undefined;
}

function sized(reader: Reader, max: number): Uint8Array {
  const length = reader.count(max);
  return reader.raw(length);
}
