/**
 * A look at the pages of an LMDB file before LMDB maps it: it trusts its file, and ends the process on one that is cut
 * short or is not its own (an abort, or a SIGBUS beyond the end of the mapping).
 *
 *     page  = number u64 | transaction u64 | pad u16 | flags u16 | lower u16 | upper u16 | lower/2 offsets u16 | ...
 *     node  = lo u16 | hi u16 | flags u16 | key length u16 | key | data, at 24 + its offset; a child is lo | hi | flags
 *     meta  = magic u32 | version u32 | address u64 | map size u64 | free tree (48) | main tree (48) | last page u64
 *             | transaction u64, at 24 of pages 0 and 1; of the two, the one of the later transaction counts
 *     tree  = pad u32 | flags u16 | depth u16 | 4 counts u64 | root u64      (the free tree's pad is the page size)
 *
 * Always refused: a file without two such meta pages. Every page of both trees is looked at when asked, and when the
 * file is shorter than its meta page says: that is damage, unless the pages that are missing are all free ones.
 * After mdb.c of LMDB as it comes with lmdb-js 3.5 (data version 2).
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { corrupt, dataFile } from "./database.ts";

const HEADER_BYTES = 24;
const META_BYTES = 160;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const PAGE_BYTES_MIN = 512;
const PAGE_BYTES_MAX = 65_536;
const NO_PAGE = (1n << 64n) - 1n;
const DEPTH_MAX = 32;
const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;
const BIG_DATA = 1;

/** Throws `STORE_CORRUPT`; passes a file that is missing or empty, which is a store to be. */
export function checkPages(directory: string, scope: "when cut short" | "all"): void {
  let descriptor: number;
  try {
    descriptor = openSync(dataFile(directory), "r");
  } catch {
    return;
  }
  try {
    if (fstatSync(descriptor).size === 0) return;
    const meta = newestMeta(descriptor);
    if (typeof meta === "string") throw corrupt(directory, meta);
    // The size comes second: a writer beside us appends pages before its meta page names them.
    const { size } = fstatSync(descriptor);
    if (scope === "when cut short" && size >= (Number(meta.lastPage) + 1) * meta.pageBytes) return;
    const file: PageFile = {
      descriptor,
      pageBytes: meta.pageBytes,
      pageCount: BigInt(Math.floor(size / meta.pageBytes)),
      visited: 0n,
    };
    const damage = meta.roots.map((root) => damageBelow(file, root, 0)).find((found) => found !== undefined);
    if (damage !== undefined) throw corrupt(directory, damage);
  } finally {
    closeSync(descriptor);
  }
}

interface Meta {
  readonly pageBytes: number;
  readonly roots: readonly bigint[];
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

interface PageFile {
  readonly descriptor: number;
  readonly pageBytes: number;
  readonly pageCount: bigint;
  /** Tree pages looked at so far: more than there are means that they form a cycle. */
  visited: bigint;
}

function newestMeta(descriptor: number): Meta | string {
  const first = metaAt(descriptor, 0);
  if (first === undefined) return "its first page is not LMDB's";
  const second = metaAt(descriptor, first.pageBytes);
  if (second === undefined) return "its second page is not LMDB's";
  return second.transaction > first.transaction ? second : first;
}

function metaAt(descriptor: number, position: number): Meta | undefined {
  const view = readAt(descriptor, position, HEADER_BYTES + META_BYTES);
  if (view === undefined) return undefined;
  const u64 = (at: number): bigint => view.getBigUint64(HEADER_BYTES + at, true);
  const u32 = (at: number): number => view.getUint32(HEADER_BYTES + at, true);
  const pageBytes = u32(24);
  const isPower = (pageBytes & (pageBytes - 1)) === 0 && pageBytes >= PAGE_BYTES_MIN && pageBytes <= PAGE_BYTES_MAX;
  if (u32(0) !== MAGIC || u32(4) !== DATA_VERSION || !isPower) return undefined;
  return { pageBytes, roots: [u64(64), u64(112)], lastPage: u64(120), transaction: u64(128) };
}

/** What is wrong with the tree below a page. */
function damageBelow(file: PageFile, number: bigint, depth: number): string | undefined {
  if (number === NO_PAGE) return undefined;
  if (++file.visited > file.pageCount) return "its pages form a cycle";
  const page = readPage(file, number);
  if (page === undefined || depth > DEPTH_MAX) return `page ${number} is not there`;
  const flags = page.getUint16(18, true);
  const lower = page.getUint16(20, true);
  const upper = page.getUint16(22, true);
  if (page.getBigUint64(0, true) !== number || (flags & (BRANCH | LEAF)) === 0) return `page ${number} is another`;
  if (lower > upper || HEADER_BYTES + upper > file.pageBytes) return `page ${number} is malformed`;
  for (let i = 0; i < lower >> 1; i++) {
    const at = HEADER_BYTES + page.getUint16(HEADER_BYTES + 2 * i, true);
    if (at + 8 > file.pageBytes) return `page ${number} is malformed`;
    const damage =
      (flags & BRANCH) === 0 ? damageOfNode(file, page, at) : damageBelow(file, childAt(page, at), depth + 1);
    if (damage !== undefined) return damage;
  }
  return undefined;
}

function childAt(page: DataView, at: number): bigint {
  return BigInt(page.getUint32(at, true)) | (BigInt(page.getUint16(at + 4, true)) << 32n);
}

/** A leaf's node: its value is in the page, or on pages of its own. */
function damageOfNode(file: PageFile, page: DataView, at: number): string | undefined {
  const length = page.getUint32(at, true);
  const isBig = (page.getUint16(at + 4, true) & BIG_DATA) !== 0;
  const dataAt = at + 8 + page.getUint16(at + 6, true);
  const dataEnd = dataAt + (isBig ? 24 : length);
  if (dataEnd > file.pageBytes) return `page ${page.getBigUint64(0, true)} has a malformed row`;
  if (!isBig) return undefined;
  const first = page.getBigUint64(dataAt, true);
  const count = page.getBigUint64(dataAt + 16, true);
  const head = readPage(file, first);
  const isSound = head?.getBigUint64(0, true) === first && (head.getUint16(18, true) & OVERFLOW) !== 0;
  return isSound && first + count <= file.pageCount ? undefined : `page ${first} is not there`;
}

function readPage(file: PageFile, number: bigint): DataView | undefined {
  if (number >= file.pageCount) return undefined;
  return readAt(file.descriptor, Number(number) * file.pageBytes, file.pageBytes);
}

function readAt(descriptor: number, position: number, length: number): DataView | undefined {
  const bytes = new Uint8Array(length);
  return readSync(descriptor, bytes, 0, length, position) === length ? new DataView(bytes.buffer) : undefined;
}
