/** What changed between two results of a live query, so that a page changes only what must. */
import type { AnyDocument } from "../index/definition.ts";

export interface Difference<D> {
  /** New in the result, with their places in it, ascending. */
  readonly added: readonly { readonly document: D; readonly index: number }[];
  /** No longer in the result, with their places in the one before. */
  readonly removed: readonly { readonly id: string; readonly index: number }[];
  /** In both, with other content. */
  readonly updated: readonly { readonly document: D; readonly index: number }[];
  /** In both, in another order than those that are in neither list: as few as can be. */
  readonly moved: readonly { readonly id: string; readonly from: number; readonly to: number }[];
}

export function differenceOf(before: readonly AnyDocument[], after: readonly AnyDocument[]): Difference<AnyDocument> {
  const [start, endBefore, endAfter] = changedPart(before, after);
  const places = new Map<string, number>();
  for (let i = start; i < endBefore; i++) places.set((before[i] as AnyDocument).id, i);
  const added: { document: AnyDocument; index: number }[] = [];
  const updated: { document: AnyDocument; index: number }[] = [];
  const kept: { id: string; from: number; to: number }[] = [];
  for (let index = start; index < endAfter; index++) {
    const document = after[index] as AnyDocument;
    const from = places.get(document.id);
    if (from === undefined) {
      added.push({ document, index });
      continue;
    }
    if (before[from] !== document) updated.push({ document, index });
    kept.push({ id: document.id, from, to: index });
    places.delete(document.id);
  }
  const removed = [...places].map(([id, index]) => ({ id, index }));
  const still = ascending(kept.map(({ from }) => from));
  return { added, removed, updated, moved: kept.filter((_, i) => !still.has(i)) };
}

/** Where the two differ: from the first to the last place that is not the same object. */
function changedPart(before: readonly AnyDocument[], after: readonly AnyDocument[]): [number, number, number] {
  let start = 0;
  let [endBefore, endAfter] = [before.length, after.length];
  while (start < endBefore && start < endAfter && before[start] === after[start]) start++;
  while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore--;
    endAfter--;
  }
  return [start, endBefore, endAfter];
}

/** The indexes of a longest ascending subsequence (patience sorting): what can stay where it is. */
function ascending(values: readonly number[]): ReadonlySet<number> {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [i, value] of values.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[tails[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    previous.push(low === 0 ? -1 : (tails[low - 1] as number));
    tails[low] = i;
  }
  const longest = new Set<number>();
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at] as number) longest.add(at);
  return longest;
}
