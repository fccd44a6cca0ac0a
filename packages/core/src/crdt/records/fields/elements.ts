/**
 * Elements of a set in a record, each with a cell of its own: what the two kinds of set have in common.
 *
 *   count (varint, above 0) | count times: element (value) | what is said of it, in a layout of its own
 *
 * In a cell the elements ascend by their key in memory. Refused: elements out of order or twice, too long ones.
 */
import { elementToKey } from "../../cells/set-element.ts";
import { ENTRY_KEY_BYTES_MAX } from "../../limits.ts";
import { readStored, type Stored, writeStored } from "../../stored.ts";
import type { PairReader, PairWriter } from "../pair-table.ts";

export interface ElementPart<C> {
  readonly key: string;
  readonly element: Stored;
  readonly cell: C;
}

/** Ascending by key. */
export type Elements<C> = readonly ElementPart<C>[];

/** `a` itself when `b` adds nothing. */
export function joinElements<C>(a: Elements<C>, b: Elements<C>, joinCells: (a: C, b: C) => C): Elements<C> {
  const joined: ElementPart<C>[] = [];
  let changed = false;
  let i = 0;
  for (const theirs of b) {
    let ours = a[i];
    while (ours !== undefined && ours.key < theirs.key) {
      joined.push(ours);
      ours = a[++i];
    }
    if (ours === undefined || ours.key > theirs.key) {
      joined.push(theirs);
      changed = true;
      continue;
    }
    const cell = joinCells(ours.cell, theirs.cell);
    joined.push(cell === ours.cell ? ours : { ...ours, cell });
    changed ||= cell !== ours.cell;
    i++;
  }
  if (!changed) return a;
  for (; i < a.length; i++) joined.push(a[i] as ElementPart<C>);
  return joined;
}

export function writeElements<C>(
  into: PairWriter,
  parts: readonly { readonly element: Stored; readonly cell: C }[],
  writeCell: (into: PairWriter, cell: C) => void,
): void {
  into.writer.varint(parts.length);
  for (const { element, cell } of parts) {
    writeStored(into.writer, element);
    writeCell(into, cell);
  }
}

/** `isOrdered` refuses elements that do not ascend. */
export function readElements<C>(
  from: PairReader,
  countMax: number,
  isOrdered: boolean,
  readCell: (from: PairReader) => C,
): ElementPart<C>[] {
  const { reader } = from;
  const count = reader.count(countMax, 2);
  const parts: ElementPart<C>[] = [];
  if (count === 0) reader.fail();
  for (let i = 0; i < count && !reader.failed; i++) {
    const start = reader.at;
    const element = readStored(reader);
    if (reader.at - start > ENTRY_KEY_BYTES_MAX) reader.fail();
    if (reader.failed) return parts;
    const key = elementToKey(element);
    const previous = parts.at(-1);
    if (isOrdered && previous !== undefined && previous.key >= key) reader.fail();
    parts.push({ key, element, cell: readCell(from) });
  }
  return parts;
}

export function findElement<C>(parts: Elements<C>, key: string): ElementPart<C> | undefined {
  const at = placeOf(parts, key);
  const part = parts[at];
  return part?.key === key ? part : undefined;
}

/** The parts with one of them replaced, added, or, for an undefined cell, taken out. */
export function withElement<C>(parts: Elements<C>, key: string, element: Stored, cell: C | undefined): Elements<C> {
  const at = placeOf(parts, key);
  const replaced = parts[at]?.key === key ? 1 : 0;
  const copy = parts.slice();
  if (cell === undefined) copy.splice(at, replaced);
  else copy.splice(at, replaced, { key, element, cell });
  return copy;
}

/** The first place whose key is not below `key`. */
function placeOf<C>(parts: Elements<C>, key: string): number {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle] as ElementPart<C>).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
