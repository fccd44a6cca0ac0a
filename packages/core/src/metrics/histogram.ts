/**
 * How values are spread: counts in buckets whose width grows with the value, as in HdrHistogram (G. Tene, 2012).
 *
 *   value (whole units)   0 .. 63            64 .. 127   128 .. 255   256 .. 511   ...
 *   buckets               64, each exact     64          64           64           64 an octave
 *   width of a bucket     1                  1           2            4            ...
 *
 * A bucket is at most 1/64 of its value wide and a quantile answers with its middle, so it is within 1 %: two
 * significant digits. Count, sum, least and greatest are exact. `record` allocates nothing.
 *
 * A unit is `1 / unitsPerOne` of what is recorded: durations come in milliseconds and are kept in nanoseconds. Values
 * above `2^40` units (18 minutes, a terabyte) share the last bucket. Refuses, by assertion: NaN and what is below zero.
 */
import { assert } from "../base/index.ts";

const OCTAVE_BUCKETS = 64;
const OCTAVE_BITS = 6;
const VALUE_BITS_MAX = 40;
const VALUE_MAX = 2 ** VALUE_BITS_MAX - 1;
const BUCKETS = OCTAVE_BUCKETS * (VALUE_BITS_MAX - OCTAVE_BITS + 1);
const WORD = 2 ** 32;

export interface HistogramSummary {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export class Histogram {
  readonly #unitsPerOne: number;
  readonly #counts: Float64Array = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #min: number = Number.POSITIVE_INFINITY;
  #max = 0;

  constructor(unitsPerOne = 1) {
    this.#unitsPerOne = unitsPerOne;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  get max(): number {
    return this.#max;
  }

  record(value: number): void {
    if (!(value >= 0)) assert(false, `a histogram takes no ${value}`);
    const bucket = bucketOf(value * this.#unitsPerOne);
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#count++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** The value that a share of `quantile` of all values does not exceed; 0 of none. */
  quantile(quantile: number): number {
    return this.quantileSince(undefined, quantile);
  }

  /** The same of what was recorded after `mark` alone. */
  quantileSince(mark: HistogramMark | undefined, quantile: number): number {
    const total = this.#count - (mark?.count ?? 0);
    if (total === 0) return 0;
    const rank = Math.max(1, Math.ceil(quantile * total));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += (this.#counts[bucket] as number) - (mark?.counts[bucket] ?? 0);
      // No value is beyond the greatest, which a bucket's middle may be.
      if (seen >= rank) return Math.min(middleOf(bucket) / this.#unitsPerOne, this.#max);
    }
    return this.#max;
  }

  /** A copy of the counts, to tell what came later from what was there. */
  mark(): HistogramMark {
    return { count: this.#count, counts: this.#counts.slice() };
  }

  summary(): HistogramSummary {
    return {
      count: this.#count,
      sum: this.#sum,
      min: this.#count === 0 ? 0 : this.#min,
      max: this.#max,
      p50: this.quantile(0.5),
      p95: this.quantile(0.95),
      p99: this.quantile(0.99),
    };
  }
}

export interface HistogramMark {
  readonly count: number;
  readonly counts: Float64Array;
}

function bucketOf(scaled: number): number {
  const value = scaled > VALUE_MAX ? VALUE_MAX : Math.floor(scaled);
  if (value < OCTAVE_BUCKETS) return value;
  const exponent = value < WORD ? 31 - Math.clz32(value) : 63 - Math.clz32(value / WORD);
  const octave = exponent - OCTAVE_BITS;
  return octave * OCTAVE_BUCKETS + Math.floor(value / 2 ** octave);
}

function middleOf(bucket: number): number {
  if (bucket < 2 * OCTAVE_BUCKETS) return bucket;
  const octave = Math.floor(bucket / OCTAVE_BUCKETS) - 1;
  const width = 2 ** octave;
  return (bucket - octave * OCTAVE_BUCKETS) * width + (width - 1) / 2;
}
