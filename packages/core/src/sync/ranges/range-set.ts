/**
 * The ids that one side holds, in order of (stamp, id), with fingerprints of any range of them.
 *
 * A fingerprint is the sum of keyed hashes of the ids in a range, with their count. The key is the connection's, drawn by
 * both sides, so nobody who writes deltas can choose ids whose differences cancel: equal fingerprints mean equal sets.
 * Sums over prefixes are kept, so a range costs two searches. After Meyer, "Range-Based Set Reconciliation" (2023).
 */
import { compareBytes, concatBytes, type DeltaId, must, type Stamp } from "../../base/index.ts";

/** A place in the order: before the item with this stamp and id. Undefined stands for the end. */
export interface Bound {
  readonly stamp: Stamp;
  readonly id: DeltaId;
}

/** What is held from `from` on and before `to`. */
export interface Range {
  readonly from: Bound | undefined;
  readonly to: Bound | undefined;
}

export interface Fingerprint {
  readonly count: number;
  /** `FINGERPRINT_BYTES` of the sum. */
  readonly sum: Uint8Array;
}

export const FINGERPRINT_BYTES = 16;
const LANES = 4;

export class RangeSet {
  readonly #items: readonly Bound[];
  /** Of the first n items, at 4n: sums of 32 bits each, which wrap. */
  readonly #sums: Uint32Array;

  /** `items` in any order, each once. */
  constructor(crypto: { sha256(bytes: Uint8Array): Uint8Array }, key: Uint8Array, items: Iterable<Bound>) {
    this.#items = [...items].sort(compareBounds);
    this.#sums = new Uint32Array(LANES * (this.#items.length + 1));
    for (const [at, { id }] of this.#items.entries()) {
      const hash = crypto.sha256(concatBytes(key, id));
      const view = new DataView(hash.buffer, hash.byteOffset);
      for (let lane = 0; lane < LANES; lane++) {
        const before = must(this.#sums[LANES * at + lane], "a sum of the items before");
        this.#sums[LANES * (at + 1) + lane] = before + view.getUint32(4 * lane);
      }
    }
  }

  get size(): number {
    return this.#items.length;
  }

  fingerprint(range: Range): Fingerprint {
    const [first, end] = this.#spanOf(range);
    const sum = new Uint8Array(FINGERPRINT_BYTES);
    const view = new DataView(sum.buffer);
    for (let lane = 0; lane < LANES; lane++) {
      const [low, high] = [this.#sums[LANES * first + lane] ?? 0, this.#sums[LANES * end + lane] ?? 0];
      view.setUint32(4 * lane, high - low);
    }
    return { count: end - first, sum };
  }

  ids(range: Range): DeltaId[] {
    return this.#items.slice(...this.#spanOf(range)).map(({ id }) => id);
  }

  /** The range in `parts` of about equal count, or fewer; together they are the range. */
  split(range: Range, parts: number): Range[] {
    const [first, end] = this.#spanOf(range);
    const each = Math.max(1, Math.ceil((end - first) / parts));
    const ranges: Range[] = [];
    let from = range.from;
    for (let at = first + each; at < end; at += each) {
      const to = must(this.#items[at], "an item of the range");
      ranges.push({ from, to });
      from = to;
    }
    ranges.push({ from, to: range.to });
    return ranges;
  }

  /** First and end of a range among the items; none when its bounds are the wrong way round. */
  #spanOf({ from, to }: Range): [number, number] {
    const first = from ? this.#lowerBound(from) : 0;
    const end = to ? this.#lowerBound(to) : this.#items.length;
    return [first, Math.max(first, end)];
  }

  #lowerBound(bound: Bound): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareBounds(must(this.#items[middle], "within the items"), bound) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function compareBounds(a: Bound, b: Bound): number {
  return a.stamp - b.stamp || compareBytes(a.id, b.id);
}
