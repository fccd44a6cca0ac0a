/**
 * All cells of a map as pages, from the columns in memory and the pages that were not touched. The latter are handed on
 * as they came: no key of their range is in memory.
 */
import type { LastWriterColumns } from "../cells/last-writer-columns.ts";
import type { KeyIndex } from "../containers/key-index.ts";
import type { Content } from "../content.ts";
import { sortByHash } from "./order.ts";
import { compareHashes, encodeMapPage, type PageName } from "./page.ts";
import type { UntouchedPage } from "./page-list.ts";
import { splitPages } from "./split.ts";

/** Header, stamp and actor number of an entry, about. */
const ENTRY_WEIGHT = 8;

export function encodeMapPages(
  name: PageName,
  index: KeyIndex,
  columns: LastWriterColumns,
  untouched: readonly UntouchedPage[],
): Uint8Array[] {
  const { order, hashes } = sortByHash(
    takenSlots(index),
    (slot) => index.hashAt(slot),
    (a, b) => index.keyAt(a) < index.keyAt(b),
  );
  const pages: Uint8Array[] = [];
  const encode = (from: number, to: number): void => {
    const weights = new Float64Array(to - from);
    for (let i = from; i < to; i++) weights[i - from] = weigh(index, columns, order[i] as number);
    splitPages(hashes.subarray(from, to), weights, (first, end) => {
      const slotAt = (i: number): number => order[from + first + i] as number;
      const page = encodeMapPage(name, end - first, {
        keyAt: (i) => index.keyAt(slotAt(i)),
        contentAt: (i) => columns.contentAt(slotAt(i)),
        stampAt: (i) => columns.stampAt(slotAt(i)),
        actorAt: (i) => columns.actorAt(slotAt(i)),
      });
      pages.push(page);
    });
  };
  let at = 0;
  for (const { bytes, firstHash } of untouched) {
    const from = at;
    while (at < order.length && compareHashes(hashes[at] as number, firstHash) < 0) at++;
    encode(from, at);
    pages.push(bytes);
  }
  encode(at, order.length);
  return pages;
}

function takenSlots(index: KeyIndex): Uint32Array {
  const slots = new Uint32Array(index.slotEnd);
  let count = 0;
  for (let slot = 0; slot < index.slotEnd; slot++) if (index.isTaken(slot)) slots[count++] = slot;
  return slots.subarray(0, count);
}

function weigh(index: KeyIndex, columns: LastWriterColumns, slot: number): number {
  return index.keyAt(slot).length + contentWeight(columns.contentAt(slot)) + ENTRY_WEIGHT;
}

function contentWeight(content: Content): number {
  return typeof content === "string" || content instanceof Uint8Array ? content.length : ENTRY_WEIGHT;
}
