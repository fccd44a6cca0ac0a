import type { Prng } from "@dunlin/core/base";

export const HOUR_MS = 3_600_000;

/** How often something happens that happens `perHourMax` times an hour at most. */
export function times(prng: Prng, perHourMax: number, durationMs: number): number {
  return Math.ceil(prng.unit() * perHourMax * (durationMs / HOUR_MS));
}
