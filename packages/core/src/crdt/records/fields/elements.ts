/**
 * Elements of a set in a record, each with a cell of its own: what the two kinds of set have in common.
 *
 *   count (varint, above 0) | count times: element (value) | what is said of it, in a layout of its own
 *
 * In a cell the elements ascend by their key in memory. Refused: elements out of order or twice, too long ones.
 */
import { joinAscending } from "../../cells/join-ascending.ts";
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
  const joinParts = (ours: ElementPart<C>, theirs: ElementPart<C>): ElementPart<C> => {
    const cell = joinCells(ours.cell, theirs.cell);
    return cell === ours.cell ? ours : { ...ours, cell };
  };
  return joinAscending(a, b, compareParts, joinParts);
}

/** The elements whose cell is another than in `base`, each with what `toJoin` says of it. */
export function changedElements<C, J>(
  base: Elements<C> | undefined,
  cell: Elements<C>,
  toJoin: (before: C | undefined, after: C) => J,
): ElementPart<J>[] {
  const before = new Map(base?.map((part) => [part.key, part.cell]));
  return cell
    .filter((part) => before.get(part.key) !== part.cell)
    .map(({ key, element, cell: after }) => ({ key, element, cell: toJoin(before.get(key), after) }));
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

function compareParts(a: ElementPart<unknown>, b: ElementPart<unknown>): number {
  return a.key === b.key ? 0 : a.key < b.key ? -1 : 1;
}
