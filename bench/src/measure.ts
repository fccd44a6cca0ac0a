/**
 * Timing. A work and its reference are warmed up, then sampled in turns, so that a slow spell of the machine falls on
 * both; the least sample is what counts, the median is reported beside it. A sample repeats short works until it is long
 * enough to time. Whoever runs out of time takes fewer samples than asked, and the row says so.
 */
export interface Work {
  readonly name: string;
  /** Done once, untimed; gives what is timed. What the timed part makes must go to `keep`. */
  readonly prepare: () => () => void;
  /** Called after the last sample: throws unless the timed part has done its work. */
  readonly verify?: () => void;
}

/** What a work that checks itself prepares. */
export interface Checked {
  readonly run: () => void;
  readonly verify: () => void;
}

export interface Sampling {
  readonly samples: number;
  readonly warmUpMs: number;
  readonly sampleMs: number;
  /** For all samples of one call of `measure` together. */
  readonly budgetMs: number;
  /** For works that are sampled otherwise: fewer processes, shorter runs. */
  readonly isQuick: boolean;
}

export const FULL: Sampling = { samples: 31, warmUpMs: 300, sampleMs: 10, budgetMs: 10_000, isQuick: false };
export const QUICK: Sampling = { samples: 7, warmUpMs: 50, sampleMs: 2, budgetMs: 2000, isQuick: true };

/** Taken whatever the budget says: with fewer there is no best and no median. */
const SAMPLES_MIN = 3;

export interface Timing {
  readonly medianUs: number;
  readonly minUs: number;
  readonly samplesUs: readonly number[];
}

/** A work whose postcondition is asserted after the samples. */
export function checkedWork(name: string, prepare: () => Checked): Work {
  const checks: (() => void)[] = [];
  return {
    name,
    prepare: () => {
      const { run, verify } = prepare();
      checks.push(verify);
      return run;
    },
    verify: () => {
      for (const verify of checks) verify();
    },
  };
}

/** Throws when a measured work has not done what it says. */
export function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`the work was not done: ${what}`);
}

/** The time of one call of each work, sampled in turns. */
export function measure(works: readonly Work[], sampling: Sampling): readonly Timing[] {
  const prepared = works.map((work) => {
    const call = work.prepare();
    return { call, repeats: warmUp(call, sampling), samplesUs: [] as number[] };
  });
  const started = performance.now();
  for (let sample = 0; sample < sampling.samples; sample++) {
    if (isOver(started, sample, sampling)) break;
    for (const { call, repeats, samplesUs } of prepared) samplesUs.push(timeUs(call, repeats));
  }
  for (const work of works) work.verify?.();
  return prepared.map(({ samplesUs }) => toTiming(samplesUs));
}

export function isOver(startedMs: number, taken: number, { budgetMs }: Sampling): boolean {
  return taken >= SAMPLES_MIN && performance.now() - startedMs > budgetMs;
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
  return { medianUs, minUs: sorted[0] ?? Number.NaN, samplesUs };
}
