/**
 * Pages as a source of cells: a document over them parses a page when one of its keys is first asked for.
 *
 * Maps take their pages as columns (`pagesOf`). Any other type reads its cells one by one, as from a store, once its
 * pages were parsed as a whole. Refused: pages of one container that do not ascend, and what has no header of a page.
 */
import {
  actorId,
  compareBytes,
  concatBytes,
  type Entry,
  idKey,
  must,
  type RangeOptions,
  utf8,
} from "../../base/index.ts";
import { CELL_PREFIX_BYTES, cellPrefix } from "../cell-key.ts";
import { encodeCell } from "../cells/cell-kind.ts";
import * as mapEntry from "../cells/map-entry.ts";
import type { CellSource } from "../containers/container.ts";
import { readPageHeader } from "./page.ts";
import { PageList } from "./page-list.ts";

/** Where a list of pages is not one: the number of the page, in the order given. */
export interface PageRefusal {
  readonly page: number;
}

export class PageSource implements CellSource {
  readonly #lists = new Map<string, PageList>();
  /** Rows of the containers that were asked for cell by cell, ascending by key. */
  readonly #rows = new Map<string, readonly Entry[]>();

  /** Takes pages over: the bytes must not change from then on. */
  static open(pages: readonly Uint8Array[]): PageSource | PageRefusal {
    const source = new PageSource();
    for (const [page, bytes] of pages.entries()) if (!source.#add(bytes)) return { page };
    return source;
  }

  lists(): Iterable<PageList> {
    return this.#lists.values();
  }

  pagesOf(prefix: Uint8Array): PageList | undefined {
    return this.#lists.get(idKey(prefix));
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const rows = this.#rowsOf(idKey(key.subarray(0, CELL_PREFIX_BYTES)));
    const at = firstFrom(rows, key);
    const row = rows[at];
    return row !== undefined && compareBytes(row[0], key) === 0 ? row[1] : undefined;
  }

  range({ gte, lt, reverse, limit }: RangeOptions): Entry[] {
    const prefixes = gte.length === CELL_PREFIX_BYTES ? this.#prefixesFrom(gte, lt) : this.#prefixes();
    const inside: Entry[] = [];
    for (const prefix of prefixes) {
      const rows = this.#rowsOf(prefix);
      for (const row of rows.slice(firstFrom(rows, gte), firstFrom(rows, lt))) inside.push(row);
    }
    if (reverse) inside.reverse();
    return limit === undefined ? inside : inside.slice(0, limit);
  }

  #add(bytes: Uint8Array): boolean {
    const header = readPageHeader(bytes);
    if (header === undefined) return false;
    const prefix = idKey(cellPrefix(header.type, header.id));
    const list = this.#lists.get(prefix) ?? new PageList(header);
    this.#lists.set(prefix, list);
    return list.add(header, bytes);
  }

  /** Most ranges are of one container, which needs no sort of all. */
  #prefixesFrom(gte: Uint8Array, lt: Uint8Array): string[] {
    const prefix = idKey(gte);
    const end = must(lt.at(-1), "a range has an end");
    const isOne = lt.length === gte.length && end === (gte.at(-1) as number) + 1;
    return isOne ? [prefix] : this.#prefixes();
  }

  #prefixes(): string[] {
    return [...this.#lists.keys()].sort();
  }

  #rowsOf(prefix: string): readonly Entry[] {
    const known = this.#rows.get(prefix);
    if (known !== undefined) return known;
    const list = this.#lists.get(prefix);
    const rows = list === undefined ? [] : toRows(list).sort(([a], [b]) => compareBytes(a, b));
    if (list !== undefined) this.#rows.set(prefix, rows);
    return rows;
  }
}

function toRows(list: PageList): Entry[] {
  const prefix = cellPrefix(list.type, list.id);
  const rows: Entry[] = [];
  for (let page = 0; page < list.count; page++) {
    if (list.type === "map") addMapRows(rows, prefix, list, page);
    else for (const [key, cell] of list.parseRows(page)) rows.push([concatBytes(prefix, key), cell]);
  }
  return rows;
}

function addMapRows(rows: Entry[], prefix: Uint8Array, list: PageList, page: number): void {
  const { map } = list.parseMap(page, (actor) => actorId(actor.slice()));
  for (let i = 0; i < map.keys.length; i++) {
    const cell = { content: map.contents[i], stamp: map.stamps[i], actor: map.actors[i] } as mapEntry.MapEntryCell;
    rows.push([concatBytes(prefix, utf8(map.keys[i] as string)), encodeCell(mapEntry, cell)]);
  }
}

/** The place of the first row whose key is not below `key`. */
function firstFrom(rows: readonly Entry[], key: Uint8Array): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes((rows[middle] as Entry)[0], key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
