/**
 * All cells of a map as pages, from the columns in memory and the pages that were not touched. The latter are handed on
 * as they came: no key of their range is in memory.
 */
import type { LastWriterColumns } from "../cells/last-writer-columns.ts";
import type { KeyIndex } from "../containers/key-index.ts";
import type { Content } from "../content.ts";
import type { RankedEntries } from "./map-page.ts";
import { compareHashes, sortByHash } from "./order.ts";
import { encodeMapPage, type PageName } from "./page.ts";
import type { UntouchedPage } from "./page-list.ts";
import { RankedTexts } from "./ranked-texts.ts";
import { splitPages } from "./split.ts";

/** Header, stamp and actor number of an entry, about. */
const ENTRY_WEIGHT = 8;

export function encodeMapPages(
  name: PageName,
  index: KeyIndex,
  columns: LastWriterColumns,
  untouched: readonly UntouchedPage[],
): Uint8Array[] {
  const slots = takenSlots(index);
  const { order, hashes } = sortByHash(
    slots,
    (slot) => index.hashAt(slot),
    (a, b) => index.keyAt(a) < index.keyAt(b),
  );
  const ranks = toRanks(slots, order, index.slotEnd);
  const entries = rankEntries(slots, ranks, order, index, columns);
  const weights = weighAll(entries, order.length);
  const pages: Uint8Array[] = [];
  const encode = (from: number, to: number): void => {
    splitPages(hashes.subarray(from, to), weights.subarray(from, to), (first, end) => {
      const firstHash = hashes[from + first] as number;
      pages.push(encodeMapPage(name, firstHash, entries, [from + first, from + end]));
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

/** The rank of each of these slots, place by place. */
function toRanks(slots: Uint32Array, order: Uint32Array, slotEnd: number): Uint32Array {
  const rankBySlot = new Uint32Array(slotEnd);
  for (let rank = 0; rank < order.length; rank++) rankBySlot[order[rank] as number] = rank;
  const ranks = new Uint32Array(slots.length);
  for (let i = 0; i < slots.length; i++) ranks[i] = rankBySlot[slots[i] as number] as number;
  return ranks;
}

/** Reads in the order of slots, which is that of memory, and writes to where things belong. */
function rankEntries(
  slots: Uint32Array,
  ranks: Uint32Array,
  order: Uint32Array,
  index: KeyIndex,
  columns: LastWriterColumns,
): RankedEntries {
  const stamps = new Float64Array(slots.length);
  const actors = new Uint32Array(slots.length);
  for (let i = 0; i < slots.length; i++) {
    const [slot, rank] = [slots[i] as number, ranks[i] as number];
    stamps[rank] = columns.stampAt(slot);
    actors[rank] = columns.actorNumberAt(slot);
  }
  return {
    keys: new RankedTexts(slots, ranks, (slot) => index.keyAt(slot)),
    texts: new RankedTexts(slots, ranks, (slot) => columns.textAt(slot)),
    stamps,
    actors,
    actorList: columns.actors,
    contentAt: (rank) => columns.contentAt(order[rank] as number),
  };
}

function weighAll({ keys, texts, contentAt }: RankedEntries, count: number): Float64Array {
  const weights = new Float64Array(count);
  for (let rank = 0; rank < count; rank++) {
    const weight = texts.has(rank) ? texts.unitsAt(rank) : weighOther(contentAt(rank));
    weights[rank] = keys.unitsAt(rank) + weight + ENTRY_WEIGHT;
  }
  return weights;
}

function weighOther(content: Content): number {
  return content instanceof Uint8Array ? content.length : ENTRY_WEIGHT;
}
