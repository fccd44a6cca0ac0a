/**
 * Which pages a flush writes and which it removes: a pure function of the pages that are there and the group.
 *
 * A page with more than `PAGE_BYTES_MAX` is cut: into full pages when rows were added at its end, as a log is written,
 * and into even ones otherwise. A page that lost rows and has less than `PAGE_BYTES_MIN` left is joined with its left
 * neighbour, or its right one when it is the first, if they fit together. One without rows is removed.
 */
import { compareBytes, EMPTY_BYTES, type Entry } from "@dunlin/core/base";
import { entriesOf, type Group, type Pending } from "../shared/overlay.ts";
import type { Directory } from "./directory.ts";
import { JOINED_BYTES_MAX, PAGE_BYTES_MAX, PAGE_BYTES_MIN } from "./limits.ts";
import { commonLength, encodePage, type Page, rowBytes, rowsOf } from "./page.ts";

export interface PageWrite {
  readonly bound: Uint8Array;
  readonly bytes: Uint8Array;
}

export type Plan =
  | { readonly kind: "ready"; readonly written: readonly PageWrite[]; readonly removed: readonly Uint8Array[] }
  /** These pages must be loaded first. */
  | { readonly kind: "missing"; readonly bounds: readonly Uint8Array[] };

/** One page as the flush leaves it, before it is cut. */
interface Piece {
  readonly index: number;
  readonly bound: Uint8Array;
  rows: Entry[];
  bytes: number;
  readonly hasLostRows: boolean;
  readonly hasGrownAtEnd: boolean;
  isJoined: boolean;
}

type Write = readonly [key: Uint8Array, pending: Pending];

export function planFlush(directory: Directory, group: Group): Plan {
  const writesByIndex = new Map<number, Write[]>();
  for (const write of entriesOf(group)) {
    const index = directory.indexOf(write[0]);
    const writes = writesByIndex.get(index);
    if (writes === undefined) writesByIndex.set(index, [write]);
    else writes.push(write);
  }
  const missing = new Set<number>();
  const pieces = new Map<number, Piece>();
  for (const [index, writes] of writesByIndex) {
    const slot = directory.at(index);
    const page = slot?.page;
    if (slot !== undefined && page === undefined) {
      missing.add(index);
      continue;
    }
    const piece = pieceOf(index, slot?.bound ?? EMPTY_BYTES, page, writes);
    if (piece !== undefined) pieces.set(index, piece);
  }
  const joined = missing.size === 0 ? joinSmall(directory, pieces, missing) : [];
  if (missing.size > 0) {
    return { kind: "missing", bounds: [...missing].flatMap((index) => directory.at(index)?.bound ?? []) };
  }
  const left = [...pieces.values()].filter(({ isJoined }) => !isJoined);
  const removed = left.filter(({ index, rows }) => rows.length === 0 && index >= 0).map(({ bound }) => bound);
  return { kind: "ready", written: left.flatMap(cut), removed: [...removed, ...joined] };
}

/** The page with the writes in it; undefined when they change nothing. */
function pieceOf(
  index: number,
  bound: Uint8Array,
  page: Page | undefined,
  writes: readonly Write[],
): Piece | undefined {
  const before = page === undefined ? [] : rowsOf(page);
  const rows: Entry[] = [];
  let at = 0;
  let puts = 0;
  let lost = 0;
  for (const [key, { value }] of writes) {
    while (orderAt(before, at, key) < 0) rows.push(before[at++] as Entry);
    const isThere = orderAt(before, at, key) === 0;
    if (isThere) at++;
    if (value !== undefined) {
      rows.push([key, value]);
      puts++;
    } else if (isThere) lost++;
  }
  if (puts + lost === 0) return undefined;
  const hasGrownAtEnd = at === before.length && puts > 0;
  rows.push(...before.slice(at));
  return { index, bound, rows, bytes: bytesOf(rows), hasLostRows: lost > 0, hasGrownAtEnd, isJoined: false };
}

/** How the row at a place stands to a key; above it when there is none. */
function orderAt(rows: readonly Entry[], at: number, key: Uint8Array): number {
  const row = rows[at];
  return row === undefined ? 1 : compareBytes(row[0], key);
}

/** Joins in place, left to right; gives the bounds that are gone, and adds to `missing` the neighbours it needs. */
function joinSmall(directory: Directory, pieces: Map<number, Piece>, missing: Set<number>): Uint8Array[] {
  const gone: Uint8Array[] = [];
  /** Where the rows of a page have gone. */
  const homes = new Map<number, Piece>(pieces);
  for (const piece of [...pieces.values()]) {
    if (!wantsNeighbour(piece)) continue;
    const index = piece.index > 0 ? piece.index - 1 : piece.index + 1;
    const slot = directory.at(index);
    if (slot === undefined) continue;
    const neighbour = homes.get(index) ?? (slot.page && wholePiece(index, slot.bound, slot.page));
    if (neighbour === undefined) missing.add(index);
    else if (fitTogether(piece, neighbour)) {
      const [low, high] = neighbour.index < piece.index ? [neighbour, piece] : [piece, neighbour];
      low.rows = [...low.rows, ...high.rows];
      low.bytes = bytesOf(low.rows);
      high.isJoined = true;
      gone.push(high.bound);
      pieces.set(low.index, low);
      for (const each of [low.index, high.index]) homes.set(each, low);
    }
  }
  return gone;
}

function wantsNeighbour({ isJoined, hasLostRows, rows, bytes }: Piece): boolean {
  return !isJoined && hasLostRows && rows.length > 0 && bytes < PAGE_BYTES_MIN;
}

function fitTogether(piece: Piece, neighbour: Piece): boolean {
  const isOther = neighbour !== piece && neighbour.rows.length > 0;
  return isOther && neighbour.bytes + piece.bytes <= JOINED_BYTES_MAX;
}

function wholePiece(index: number, bound: Uint8Array, page: Page): Piece {
  const rows = rowsOf(page);
  return { index, bound, rows, bytes: bytesOf(rows), hasLostRows: false, hasGrownAtEnd: false, isJoined: false };
}

/** About what a page of these rows takes: their keys without what they have in common. */
function bytesOf(rows: readonly Entry[]): number {
  const shared = sharedLength(rows);
  return rows.reduce((sum, row) => sum + rowBytes(row) - shared, shared);
}

function sharedLength(rows: readonly Entry[]): number {
  const [first, last] = [rows[0], rows.at(-1)];
  return first === undefined || last === undefined ? 0 : commonLength(first[0], last[0]);
}

function cut({ bound, rows, bytes, hasGrownAtEnd }: Piece): PageWrite[] {
  const target = hasGrownAtEnd ? PAGE_BYTES_MAX : bytes / Math.ceil(bytes / PAGE_BYTES_MAX);
  const shared = sharedLength(rows);
  const pages: PageWrite[] = [];
  let part: Entry[] = [];
  let partBytes = 0;
  let partBound = bound;
  for (const row of rows) {
    const size = rowBytes(row) - shared;
    const last = part.at(-1);
    if (last !== undefined && (partBytes + size > PAGE_BYTES_MAX || partBytes >= target)) {
      pages.push({ bound: partBound, bytes: encodePage(part) });
      partBound = row[0].slice(0, commonLength(last[0], row[0]) + 1);
      part = [];
      partBytes = 0;
    }
    part.push(row);
    partBytes += size;
  }
  if (part.length > 0) pages.push({ bound: partBound, bytes: encodePage(part) });
  return pages;
}
