/**
 * The whole state of a document as pages: containers ascending by the prefix of their cells, each with its pages in
 * their order. Equal states that were built cell by cell give equal pages; a state that came from pages hands on those
 * that nothing has touched.
 */
import { compareBytes, containerId, type Entry, ID_BYTES, idKey, idKeyToBytes, must } from "../../base/index.ts";
import { ALL_CELLS, CELL_PREFIX_BYTES, cellPrefix } from "../cell-key.ts";
import { tagToContainerType } from "../container-type.ts";
import type { CellSource } from "../containers/container.ts";
import type { ContainerCache } from "../containers/container-cache.ts";
import { hashBytes } from "../key-hash.ts";
import type { CellRow } from "./cells-page.ts";
import { sortByHash } from "./order.ts";
import { encodeCellsPage, type PageName } from "./page.ts";
import { PageSource } from "./page-source.ts";
import { splitPages } from "./split.ts";

/** Cells by entry key, as `idKey` makes it. */
type Cells = Map<string, Uint8Array>;

export function encodeState(source: CellSource, cache: ContainerCache): Uint8Array[] {
  const fresh = freshCells(cache);
  const stored = source instanceof PageSource ? pagedContainers(source, fresh) : storedCells(source);
  for (const prefix of fresh.keys()) if (!stored.has(prefix)) stored.set(prefix, new Map());
  const pages: Uint8Array[] = [];
  for (const prefix of [...stored.keys()].sort()) {
    const name = prefixToName(prefix);
    const cells = must(stored.get(prefix), "it is one of its keys");
    if (name.type === "map") pages.push(...cache.open("map", name.id).encodePages());
    else if (!(cells instanceof Map)) pages.push(...cells);
    else pages.push(...encodeCells(name, [...cells, ...(fresh.get(prefix) ?? [])]));
  }
  return pages;
}

/** The changed cells of all types but maps, which hand out pages themselves: those have no cells here. */
function freshCells(cache: ContainerCache): Map<string, Cells> {
  const fresh = new Map<string, Cells>();
  for (const container of cache.touched) {
    const cells: Cells = new Map();
    fresh.set(idKey(container.prefix), cells);
    if (prefixToName(idKey(container.prefix)).type === "map") continue;
    container.visitDirty((key, value) => cells.set(idKey(key.subarray(CELL_PREFIX_BYTES)), value));
  }
  return fresh;
}

function storedCells(source: CellSource): Map<string, Cells | readonly Uint8Array[]> {
  const stored = new Map<string, Cells>();
  let last: Cells = new Map();
  let lastPrefix = "";
  for (const [key, value] of source.range(ALL_CELLS)) {
    const prefix = idKey(key.subarray(0, CELL_PREFIX_BYTES));
    if (prefix !== lastPrefix) {
      last = new Map();
      lastPrefix = prefix;
      stored.set(prefix, last);
    }
    if (prefixToName(prefix).type !== "map") last.set(idKey(key.subarray(CELL_PREFIX_BYTES)), value);
  }
  return stored;
}

/** Pages as they are where nothing changed, else their cells. */
function pagedContainers(
  source: PageSource,
  fresh: ReadonlyMap<string, Cells>,
): Map<string, Cells | readonly Uint8Array[]> {
  const stored = new Map<string, Cells | readonly Uint8Array[]>();
  for (const list of source.lists()) {
    const prefix = idKey(cellPrefix(list.type, list.id));
    if (!fresh.has(prefix)) {
      stored.set(
        prefix,
        list.except(new Set()).map(({ bytes }) => bytes),
      );
      continue;
    }
    const cells: Cells = new Map();
    stored.set(prefix, cells);
    if (list.type === "map") continue;
    for (let page = 0; page < list.count; page++) {
      for (const [key, cell] of list.parseRows(page)) cells.set(idKey(key), cell);
    }
  }
  return stored;
}

function encodeCells(name: PageName, cells: Iterable<readonly [string, Uint8Array]>): Uint8Array[] {
  const rows = [...new Map(cells)].map(([key, cell]): Entry => [idKeyToBytes(key), cell]);
  const { order, hashes } = sortByHash(
    Uint32Array.from(rows.keys()),
    (row) => hashBytes((rows[row] as Entry)[0]),
    (a, b) => compareBytes((rows[a] as Entry)[0], (rows[b] as Entry)[0]) < 0,
  );
  const weights = Float64Array.from(order, (row) => (rows[row] as Entry)[0].length + (rows[row] as Entry)[1].length);
  const pages: Uint8Array[] = [];
  splitPages(hashes, weights, (from, to) => {
    const page = Array.from(order.subarray(from, to), (row): CellRow => rows[row] as Entry);
    const [first, ...rest] = page;
    if (first !== undefined) pages.push(encodeCellsPage(name, [first, ...rest]));
  });
  return pages;
}

function prefixToName(prefix: string): PageName {
  const bytes = idKeyToBytes(prefix);
  const type = must(tagToContainerType(bytes[ID_BYTES] as number), "a stored cell has a known type");
  return { type, id: containerId(bytes.slice(0, ID_BYTES)) };
}
