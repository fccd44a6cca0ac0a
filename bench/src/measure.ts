/**
 * Timing. A work and its reference are warmed up, then sampled in turns, so that a slow spell of the machine falls on
 * both; the least sample is what counts, the median is reported beside it. A sample repeats short works until it is long enough to time.
 */
export interface Work {
  readonly name: string;
  /** Done once, untimed; gives what is timed. What the timed part makes must go to `keep`. */
  readonly prepare: () => () => void;
}

export interface Sampling {
  readonly samples: number;
  readonly warmUpMs: number;
  readonly sampleMs: number;
  /** For works that are sampled otherwise: fewer processes, shorter runs. */
  readonly isQuick: boolean;
}

export const FULL: Sampling = { samples: 31, warmUpMs: 300, sampleMs: 10, isQuick: false };
export const QUICK: Sampling = { samples: 7, warmUpMs: 50, sampleMs: 2, isQuick: true };

export interface Timing {
  readonly medianUs: number;
  readonly minUs: number;
}

/** The time of one call of each work, sampled in turns. */
export function measure(works: readonly Work[], sampling: Sampling): readonly Timing[] {
  const prepared = works.map((work) => {
    const call = work.prepare();
    return { call, repeats: warmUp(call, sampling), samplesUs: [] as number[] };
  });
  for (let sample = 0; sample < sampling.samples; sample++) {
    for (const { call, repeats, samplesUs } of prepared) samplesUs.push(timeUs(call, repeats));
  }
  return prepared.map(({ samplesUs }) => toTiming(samplesUs));
}

/** Where timed code leaves its results, or the engine would leave the work out. */
const kept: { value: unknown } = { value: undefined };

export function keep(value: unknown): void {
  kept.value = value;
}

/** Runs until the time is up, and gives the number of calls that fill one sample. */
function warmUp(call: () => void, { warmUpMs, sampleMs }: Sampling): number {
  const started = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  do {
    call();
    calls++;
    elapsedMs = performance.now() - started;
  } while (elapsedMs < warmUpMs);
  return Math.max(1, Math.round((calls * sampleMs) / elapsedMs));
}

function timeUs(call: () => void, repeats: number): number {
  const started = performance.now();
  for (let i = 0; i < repeats; i++) call();
  return ((performance.now() - started) * 1000) / repeats;
}

export function toTiming(samplesUs: readonly number[]): Timing {
  const sorted = samplesUs.toSorted((a, b) => a - b);
  const medianUs = sorted[sorted.length >> 1] ?? Number.NaN;
  return { medianUs, minUs: sorted[0] ?? Number.NaN };
}
