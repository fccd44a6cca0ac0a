/** Ports for tests over real sockets: the system's timers and seeded random. */
import { createPrng, type Random, type Scheduler } from "@dunlin/core/base";

export const systemScheduler: Scheduler & { readonly now: number } = {
  get now() {
    return performance.now();
  },
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

export function seededRandom(seed: number): Random {
  const prng = createPrng(seed);
  return { bytes: (length) => prng.bytes(length) };
}
