/**
 * How sure a change is: the interval of the ratio of two medians, by the percentile bootstrap (B. Efron, 1979). Both sets
 * of samples are drawn from again and again; nothing is assumed of how they are spread, which is never normally.
 */
import { createPrng, type Prng } from "@dunlin/core/base";

const RESAMPLES = 2000;
const SEED = 1;

export interface Interval {
  /** The ratio of the medians, after by before. */
  readonly ratio: number;
  /** Within these in 95 of 100 draws. */
  readonly low: number;
  readonly high: number;
}

export function compareMedians(before: readonly number[], after: readonly number[]): Interval {
  const prng = createPrng(SEED);
  const ratios = Array.from(
    { length: RESAMPLES },
    () => medianOf(redraw(after, prng)) / medianOf(redraw(before, prng)),
  );
  ratios.sort((a, b) => a - b);
  const at = (share: number): number => ratios[Math.floor(share * (RESAMPLES - 1))] ?? Number.NaN;
  return { ratio: medianOf(after) / medianOf(before), low: at(0.025), high: at(0.975) };
}

export function medianOf(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;
}

function redraw(samples: readonly number[], prng: Prng): number[] {
  return samples.map(() => samples[prng.below(samples.length)] as number);
}
