/** Pages of records in the order of their ids: the rows of the source, with the changed ones in memory laid over them. */
import { concatBytes, type Entry, StoreFailure, utf8 } from "../../base/index.ts";
import { CELL_PREFIX_BYTES, prefixRange } from "../cell-key.ts";
import type { CellSource } from "../containers/container.ts";
import { bytesToKey, isLive, type RecordCell } from "./record-cell.ts";

export interface PageOptions {
  /** Only ids above this one. */
  readonly after?: string | undefined;
  /** Only ids below this one. */
  readonly before?: string | undefined;
  readonly limit: number;
  /** From the greatest id down. */
  readonly reverse?: boolean | undefined;
}

export interface RecordRow {
  readonly id: string;
  readonly record: RecordCell;
}

interface Changed {
  readonly id: string;
  readonly cell: RecordCell | undefined;
}

const SURROGATES = 0xd800;
const ABOVE_SURROGATES = 0xe000;

/** `changed` ascends by id; `cellOf` gives what a row of the source holds. */
export function mergedPage(
  source: CellSource,
  prefix: Uint8Array,
  changed: readonly Changed[],
  options: PageOptions,
  cellOf: (id: string, bytes: Uint8Array) => RecordCell,
): RecordRow[] {
  const rows: RecordRow[] = [];
  const add = (id: string, cell: RecordCell | undefined): boolean => {
    if (cell !== undefined && isLive(cell)) rows.push({ id, record: cell });
    return rows.length >= options.limit;
  };
  if (options.limit <= 0) return rows;
  const overlay = changedWithin(changed, options);
  let at = 0;
  for (const [key, bytes] of sourceRange(source, prefix, options)) {
    const id = bytesToKey(key.subarray(CELL_PREFIX_BYTES));
    if (id === undefined) throw new StoreFailure("STORE_CORRUPT", "a stored record has a malformed id");
    let next = overlay[at];
    while (next !== undefined && isBefore(next.id, id, options)) {
      if (add(next.id, next.cell)) return rows;
      next = overlay[++at];
    }
    const isChanged = next?.id === id;
    if (isChanged) at++;
    if (add(id, isChanged ? next?.cell : cellOf(id, bytes))) return rows;
  }
  for (; at < overlay.length; at++) {
    const { id, cell } = overlay[at] as Changed;
    if (add(id, cell)) break;
  }
  return rows;
}

/** The order of the ids' UTF-8: that of code units, but with surrogates above all else. */
export function compareIds(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    if (x < SURROGATES || y < SURROGATES) return x - y;
    const isSurrogate = (unit: number): number => (unit < ABOVE_SURROGATES ? 1 : 0);
    return isSurrogate(x) - isSurrogate(y) || x - y;
  }
  return a.length - b.length;
}

function isBefore(a: string, b: string, { reverse }: PageOptions): boolean {
  return reverse === true ? compareIds(a, b) > 0 : compareIds(a, b) < 0;
}

function changedWithin(changed: readonly Changed[], { after, before, reverse }: PageOptions): readonly Changed[] {
  const from = after === undefined ? 0 : firstAbove(changed, (id) => compareIds(id, after) > 0);
  const to = before === undefined ? changed.length : firstAbove(changed, (id) => compareIds(id, before) >= 0);
  const within = from === 0 && to === changed.length ? changed : changed.slice(from, Math.max(from, to));
  return reverse === true ? within.toReversed() : within;
}

function firstAbove(changed: readonly Changed[], isAbove: (id: string) => boolean): number {
  let [low, high] = [0, changed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAbove((changed[middle] as Changed).id)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function sourceRange(source: CellSource, prefix: Uint8Array, options: PageOptions): Iterable<Entry> {
  const all = prefixRange(prefix);
  // The key that follows an id at once is the id with a zero byte behind it.
  const gte = options.after === undefined ? all.gte : concatBytes(prefix, utf8(options.after), Uint8Array.of(0));
  const lt = options.before === undefined ? all.lt : concatBytes(prefix, utf8(options.before));
  return source.range({ gte, lt, reverse: options.reverse === true });
}
