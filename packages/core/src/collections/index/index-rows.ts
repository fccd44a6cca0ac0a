/**
 * The entries of one index: those in the store, and those that have changed since and wait for the commit that writes
 * them. Reading merges the two, so that an index is never behind the documents.
 *
 * Changes are kept in the order in which they were made and sorted when somebody reads; a bulk insert that nobody reads
 * in between costs an array.
 */
import { bytesEqual, compareBytes, EMPTY_BYTES, type ReadView, type WriteOperation } from "../../base/index.ts";
import { READ_PAGE_ROWS } from "../limits.ts";
import { keyEnd } from "./ordered-key.ts";
import { decodeEntry, entryRow, entryValue, type IndexEntry, idBytes } from "./rows.ts";

interface Change {
  readonly row: Uint8Array;
  /** Undefined for an entry that is gone. */
  readonly id: string | undefined;
  readonly idLength: number;
}

/** Rows with `gte <= row < lt`; the prefix of the index's entries stands before both. */
export interface EntryRange {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly reverse: boolean;
}

export interface EntryPage {
  readonly entries: readonly IndexEntry[];
  /** Where the next page begins; undefined after the last. */
  readonly next: EntryRange | undefined;
}

export class IndexRows {
  readonly #view: ReadView;
  readonly prefix: Uint8Array;
  #changes: Change[] = [];
  #sorted: readonly Change[] | undefined;

  constructor(view: ReadView, prefix: Uint8Array) {
    this.#view = view;
    this.prefix = prefix;
  }

  /** Notes the difference between a document's keys, both ascending. */
  change(id: string, before: readonly Uint8Array[], after: readonly Uint8Array[]): void {
    const bytes = idBytes(id);
    let [i, j] = [0, 0];
    while (i < before.length || j < after.length) {
      const old = before[i];
      const now = after[j];
      const order = old === undefined ? 1 : now === undefined ? -1 : compareBytes(old, now);
      if (order < 0 && old !== undefined) this.#push(old, bytes, undefined);
      if (order > 0 && now !== undefined) this.#push(now, bytes, id);
      if (order <= 0) i++;
      if (order >= 0) j++;
    }
  }

  /** Takes the changes as writes: the store must show them from the next read on. */
  takeRows(into: WriteOperation[]): void {
    for (const { row, id, idLength } of this.#changes) {
      if (id === undefined) into.push({ kind: "delete", key: row });
      else into.push({ kind: "put", key: row, value: entryValue(idLength) });
    }
    this.forget();
  }

  /** Drops the changes: the store has them already. */
  forget(): void {
    this.#changes = [];
    this.#sorted = undefined;
  }

  /** The range of the rows whose keys lie in `gte <= key < lt`. */
  range(gte: Uint8Array, lt: Uint8Array, reverse: boolean): EntryRange {
    const end = lt.length === 0 ? keyEnd(this.prefix) : entryRow(this.prefix, lt, new Uint8Array(0));
    return { gte: entryRow(this.prefix, gte, new Uint8Array(0)), lt: end, reverse };
  }

  /** What of a range comes after the entry of this key and id. */
  beyond(range: EntryRange, key: Uint8Array, id: Uint8Array): EntryRange {
    const rest = beyond(range, entryRow(this.prefix, key, id));
    // An entry outside the range leaves it as it is, or nothing of it.
    if (range.reverse) return compareBytes(rest.lt, range.lt) < 0 ? rest : range;
    return compareBytes(rest.gte, range.gte) > 0 ? rest : range;
  }

  /** Up to about `limit` entries of a range, in its order. May throw a `Miss`. */
  page(range: EntryRange, limit: number): EntryPage {
    if (compareBytes(range.gte, range.lt) >= 0) return { entries: [], next: undefined };
    const stored: IndexEntry[] = [];
    for (const [row, value] of this.#view.range({ ...range, limit })) {
      const entry = decodeEntry(row, value);
      if (entry !== undefined) stored.push(entry);
    }
    const last = stored.at(-1);
    const isLast = last === undefined || stored.length < limit;
    const covered = isLast ? range : upTo(range, last.row);
    const entries = this.#merge(stored, covered);
    return { entries, next: isLast ? undefined : beyond(range, last.row) };
  }

  /** The ids of each key that several documents have. May throw a `Miss`. */
  groups(): string[][] {
    const groups: string[][] = [];
    let [last, ids]: [Uint8Array | undefined, string[]] = [undefined, []];
    const range = this.range(EMPTY_BYTES, EMPTY_BYTES, false);
    for (let next: EntryRange | undefined = range; next !== undefined; ) {
      const page: EntryPage = this.page(next, READ_PAGE_ROWS);
      for (const { row, id } of page.entries) {
        const key = row.subarray(0, row.length - idBytes(id).length);
        if (last === undefined || !bytesEqual(last, key)) {
          if (ids.length > 1) groups.push(ids);
          [last, ids] = [key, []];
        }
        ids.push(id);
      }
      next = page.next;
    }
    if (ids.length > 1) groups.push(ids);
    return groups;
  }

  #push(key: Uint8Array, bytes: Uint8Array, id: string | undefined): void {
    this.#changes.push({ row: entryRow(this.prefix, key, bytes), id, idLength: bytes.length });
    this.#sorted = undefined;
  }

  #merge(stored: readonly IndexEntry[], range: EntryRange): readonly IndexEntry[] {
    const changes = this.#within(range);
    if (changes.length === 0) return stored;
    const sign = range.reverse ? -1 : 1;
    const merged: IndexEntry[] = [];
    let at = 0;
    for (const change of changes) {
      let entry = stored[at];
      while (entry !== undefined && sign * compareBytes(entry.row, change.row) < 0) {
        merged.push(entry);
        entry = stored[++at];
      }
      if (entry !== undefined && compareBytes(entry.row, change.row) === 0) at++;
      if (change.id !== undefined) merged.push({ row: change.row, id: change.id });
    }
    for (; at < stored.length; at++) merged.push(stored[at] as IndexEntry);
    return merged;
  }

  /** The last change of each row within the range, in its order. */
  #within(range: EntryRange): readonly Change[] {
    if (this.#changes.length === 0) return [];
    this.#sorted ??= lastOfEach(this.#changes);
    const from = lowerBound(this.#sorted, range.gte);
    const within = this.#sorted.slice(from, lowerBound(this.#sorted, range.lt));
    return range.reverse ? within.reverse() : within;
  }
}

function lastOfEach(changes: readonly Change[]): Change[] {
  const sorted = changes.toSorted((a, b) => compareBytes(a.row, b.row));
  return sorted.filter((change, i) => {
    const next = sorted[i + 1];
    return next === undefined || compareBytes(change.row, next.row) !== 0;
  });
}

function lowerBound(changes: readonly Change[], row: Uint8Array): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes((changes[middle] as Change).row, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function upTo(range: EntryRange, row: Uint8Array): EntryRange {
  return range.reverse ? { ...range, gte: row } : { ...range, lt: after(row) };
}

function beyond(range: EntryRange, row: Uint8Array): EntryRange {
  return range.reverse ? { ...range, lt: row } : { ...range, gte: after(row) };
}

/** The least row above this one. */
function after(row: Uint8Array): Uint8Array {
  const next = new Uint8Array(row.length + 1);
  next.set(row);
  return next;
}
