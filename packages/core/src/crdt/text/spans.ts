/**
 * What marks say of each element of a text: over the stretches between their ends, the last mark of each name.
 *
 * `marks` come in their order; of two over one element and of one name the later holds.
 */
import { compareContents } from "../content.ts";
import type { Stored } from "../stored.ts";

export interface PlacedMark {
  readonly name: string;
  /** Undefined takes the mark away. */
  readonly value: Stored | undefined;
  /** Visible positions, the end not included; empty stretches are let go. */
  readonly from: number;
  readonly to: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
  /** By name, in the order of names. */
  readonly marks: readonly (readonly [string, Stored])[];
}

/** Stretches that cover a text of this length, neighbours never alike. */
export function spansOf(marks: readonly PlacedMark[], length: number): Span[] {
  const shown = marks.filter(({ from, to }) => from < to);
  const borders = [...new Set([0, length, ...shown.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  const starts = indicesBy(shown, ({ from }) => from);
  const ends = indicesBy(shown, ({ to }) => to);
  /** By name, the indices of the marks over the present stretch. */
  const open = new Map<string, Set<number>>();
  const spans: Span[] = [];
  for (const [i, from] of borders.entries()) {
    for (const index of ends.get(from) ?? []) open.get((shown[index] as PlacedMark).name)?.delete(index);
    for (const index of starts.get(from) ?? []) {
      const { name } = shown[index] as PlacedMark;
      open.set(name, (open.get(name) ?? new Set()).add(index));
    }
    const to = borders[i + 1];
    if (to !== undefined) addSpan(spans, { from, to, marks: holding(shown, open) });
  }
  return spans;
}

/** Adds a span, or lengthens the last one when it says the same. */
function addSpan(spans: Span[], span: Span): void {
  const last = spans.at(-1);
  if (last !== undefined && isSame(last.marks, span.marks)) spans[spans.length - 1] = { ...last, to: span.to };
  else spans.push(span);
}

function holding(marks: readonly PlacedMark[], open: ReadonlyMap<string, ReadonlySet<number>>): Span["marks"] {
  const held: [string, Stored][] = [];
  for (const [name, indices] of open) {
    const value = indices.size === 0 ? undefined : marks[Math.max(...indices)]?.value;
    if (value !== undefined) held.push([name, value]);
  }
  return held.sort(([a], [b]) => (a < b ? -1 : 1));
}

function isSame(a: Span["marks"], b: Span["marks"]): boolean {
  return (
    a.length === b.length && a.every(([name, value], i) => name === b[i]?.[0] && compareContents(value, b[i][1]) === 0)
  );
}

function indicesBy(marks: readonly PlacedMark[], position: (mark: PlacedMark) => number): Map<number, number[]> {
  const indices = new Map<number, number[]>();
  for (const [i, mark] of marks.entries()) {
    const at = indices.get(position(mark));
    if (at === undefined) indices.set(position(mark), [i]);
    else at.push(i);
  }
  return indices;
}
