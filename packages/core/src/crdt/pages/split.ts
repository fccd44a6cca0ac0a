/**
 * Where entries are cut into pages: a range of hashes that weighs too much for a page is halved at its next bit, so
 * that a cut depends on the entries alone, and a change moves no cut but those of its range. Entries that share all 32
 * bits are cut by weight, in order.
 */
import { PAGE_ENTRIES_MAX, PAGE_WEIGHT_MAX } from "../limits.ts";

/** Calls `cut` with the ranges, each from an index up to the next, of entries in the order of pages. */
export function splitPages(hashes: Int32Array, weights: Float64Array, cut: (from: number, to: number) => void): void {
  const sums = new Float64Array(hashes.length + 1);
  for (let i = 0; i < hashes.length; i++) sums[i + 1] = (sums[i] as number) + (weights[i] as number);
  const fits = (from: number, to: number): boolean =>
    to - from <= 1 ||
    (to - from <= PAGE_ENTRIES_MAX && (sums[to] as number) - (sums[from] as number) <= PAGE_WEIGHT_MAX);
  const split = (from: number, to: number, bit: number): void => {
    if (from === to) return;
    if (fits(from, to)) {
      cut(from, to);
    } else if (bit < 0) {
      for (let start = from, end = from + 1; start < to; start = end, end++) {
        while (end < to && fits(start, end + 1)) end++;
        cut(start, end);
      }
    } else {
      const middle = firstWithBit(hashes, from, to, bit);
      split(from, middle, bit - 1);
      split(middle, to, bit - 1);
    }
  };
  split(0, hashes.length, 31);
}

/** Of entries whose higher bits are equal, the first with this bit. */
function firstWithBit(hashes: Int32Array, from: number, to: number, bit: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((((hashes[middle] as number) >>> bit) & 1) === 1) high = middle;
    else low = middle + 1;
  }
  return low;
}
