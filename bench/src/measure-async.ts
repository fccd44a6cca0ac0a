/** `measure` for works that wait: the same turns, the same budget, one await a call. */
import { isOver, type Sampling, type Timing, toTiming } from "./measure.ts";

export interface AsyncWork {
  readonly name: string;
  /** Done once, untimed. Each call does the work from its start to its acknowledgement. */
  readonly prepare: () => Promise<AsyncChecked>;
}

export interface AsyncChecked {
  readonly run: () => Promise<void>;
  /** Throws unless the timed part has done its work. */
  readonly verify: () => void | Promise<void>;
}

interface Prepared extends AsyncChecked {
  readonly repeats: number;
  readonly samplesUs: number[];
}

export async function measureAsync(works: readonly AsyncWork[], sampling: Sampling): Promise<readonly Timing[]> {
  const prepared: Prepared[] = [];
  for (const work of works) {
    const checked = await work.prepare();
    prepared.push({ ...checked, repeats: await warmUp(checked.run, sampling), samplesUs: [] });
  }
  const started = performance.now();
  for (let sample = 0; sample < sampling.samples && !isOver(started, sample, sampling); sample++) {
    for (const { run, repeats, samplesUs } of prepared) samplesUs.push(await timeUs(run, repeats));
  }
  for (const { verify } of prepared) await verify();
  return prepared.map(({ samplesUs }) => toTiming(samplesUs));
}

async function warmUp(run: () => Promise<void>, { warmUpMs, sampleMs }: Sampling): Promise<number> {
  const started = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  do {
    await run();
    calls++;
    elapsedMs = performance.now() - started;
  } while (elapsedMs < warmUpMs);
  return Math.max(1, Math.round((calls * sampleMs) / elapsedMs));
}

async function timeUs(run: () => Promise<void>, repeats: number): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < repeats; i++) await run();
  return ((performance.now() - started) * 1000) / repeats;
}
