/** The order of entries in pages, for entries with small numbers and hashes: many are sorted by radix. */

/** The order of hashes: 32 bits, unsigned, which are kept in signed numbers. */
export function compareHashes(a: number, b: number): number {
  return (a >>> 0) - (b >>> 0);
}

const DIGIT_BITS = 11;
const DIGITS = 3;
/** Below this the tables of a radix sort cost more than comparing. */
const SORTED_SIMPLY_MAX = 200;

/** The numbers, ascending by the unsigned hash of each; those of equal hash by `isBefore`. */
export function sortByHash(
  numbers: Uint32Array,
  hashOf: (number: number) => number,
  isBefore: (a: number, b: number) => boolean,
): { readonly order: Uint32Array; readonly hashes: Int32Array } {
  const count = numbers.length;
  if (count <= SORTED_SIMPLY_MAX) return sortSimply(numbers, hashOf, isBefore);
  let order = numbers;
  let hashes: Int32Array = new Int32Array(count);
  for (let i = 0; i < count; i++) hashes[i] = hashOf(order[i] as number);
  let nextOrder: Uint32Array = new Uint32Array(count);
  let nextHashes: Int32Array = new Int32Array(count);
  for (let digit = 0; digit < DIGITS; digit++) {
    sortByDigit(order, hashes, nextOrder, nextHashes, digit * DIGIT_BITS);
    [order, nextOrder] = [nextOrder, digit === 0 ? new Uint32Array(count) : order];
    [hashes, nextHashes] = [nextHashes, hashes];
  }
  settleTies(order, hashes, isBefore);
  return { order, hashes };
}

function sortSimply(
  numbers: Uint32Array,
  hashOf: (number: number) => number,
  isBefore: (a: number, b: number) => boolean,
): { readonly order: Uint32Array; readonly hashes: Int32Array } {
  const entries = Array.from(numbers, (number) => ({ number, hash: hashOf(number) }));
  entries.sort((a, b) => compareHashes(a.hash, b.hash) || (isBefore(a.number, b.number) ? -1 : 1));
  return {
    order: Uint32Array.from(entries, ({ number }) => number),
    hashes: Int32Array.from(entries, ({ hash }) => hash),
  };
}

function sortByDigit(
  order: Uint32Array,
  hashes: Int32Array,
  nextOrder: Uint32Array,
  nextHashes: Int32Array,
  shift: number,
): void {
  const mask = (1 << DIGIT_BITS) - 1;
  const starts = new Uint32Array(mask + 2);
  for (const hash of hashes) {
    const digit = ((hash >>> shift) & mask) + 1;
    starts[digit] = (starts[digit] as number) + 1;
  }
  for (let digit = 1; digit <= mask; digit++) starts[digit] = (starts[digit] as number) + (starts[digit - 1] as number);
  for (let i = 0; i < order.length; i++) {
    const hash = hashes[i] as number;
    const digit = (hash >>> shift) & mask;
    const at = starts[digit] as number;
    starts[digit] = at + 1;
    nextOrder[at] = order[i] as number;
    nextHashes[at] = hash;
  }
}

/** Runs of one hash are of one entry, unless somebody made keys collide. */
function settleTies(order: Uint32Array, hashes: Int32Array, isBefore: (a: number, b: number) => boolean): void {
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && hashes[to] === hashes[from]) to++;
    if (to - from > 1) {
      const run = [...order.subarray(from, to)].sort((a, b) => (isBefore(a, b) ? -1 : 1));
      order.set(run, from);
    }
    from = to;
  }
}
