/** Who turns traitor, and what it does when. */
import type { Prng } from "@dunlin/core/base";
import type { Entry, Traitor } from "./plan.ts";
import { times } from "./times.ts";
import { DEEDS } from "./traitors/deeds.ts";

/** Up to all but one, since nothing here goes by majority. */
export function drawTraitors(prng: Prng, nodes: number): Traitor[] {
  if (nodes < 2 || prng.chance(0.5)) return [];
  const all = Array.from({ length: nodes - 1 }, (_, i) => i + 1);
  const count = prng.chance(0.8) ? 1 + prng.below(Math.ceil(nodes / 3)) : 1 + prng.below(nodes - 1);
  const traitors: Traitor[] = [];
  for (let i = 0; i < count && all.length > 0; i++) {
    const [node = 1] = all.splice(prng.below(all.length), 1);
    const withholds = prng.chance(0.6) ? prng.unit() : 0;
    const lies = prng.chance(0.7) ? prng.unit() * prng.pick([0.02, 0.2, 1]) : 0;
    traitors.push({ node, withholds, lies, leaves: prng.chance(0.5) });
  }
  return traitors;
}

export function drawDeeds(prng: Prng, traitors: readonly Traitor[], durationMs: number): Entry[] {
  const entries: Entry[] = [];
  for (const { node } of traitors) {
    // Some do one thing over and over.
    const own = prng.chance(0.4) ? [prng.pick(DEEDS)] : DEEDS;
    const count = times(prng, 60, durationMs);
    for (let i = 0; i < count; i++) {
      const atMs = Math.floor(prng.unit() * durationMs);
      entries.push({ atMs, kind: "deed", node, deed: prng.pick(own), seed: prng.u32() });
    }
  }
  return entries;
}
