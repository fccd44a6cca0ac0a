/** A plan of very many nodes for a short time: they come, write, crash, and are parted. */
import { createPrng } from "@dunlin/core/base";
import { mix } from "@dunlin/core/simulation";
import { drawNetwork } from "./draw-trouble.ts";
import type { Entry, Plan } from "./plan.ts";
import { HOUR_MS } from "./times.ts";
import { hostOf } from "./topology.ts";

/** Besides whoever let it in, which nodes of production choose as well. */
const NEIGHBOURS = 4;
/** All others read: what each node keeps of every writer is what a crowd costs. */
const WRITERS = 32;
const CALLS = 60;
const CRASHES = 20;

export function drawCrowd(seed: number, nodes: number, hours: number): Plan {
  const prng = createPrng(mix(seed, 14));
  const durationMs = hours * HOUR_MS;
  const at = (from: number): number => Math.floor((from + prng.unit() * (1 - from)) * durationMs);
  const joins = Array.from({ length: nodes - 1 }, (_, i): Entry => {
    const node = i + 1;
    const by = hostOf(node);
    // The hosts come first.
    const atMs = Math.floor((by === 0 ? 0.05 : 0.1 + prng.unit() * 0.3) * durationMs);
    const role = by === 0 ? "admin" : node < WRITERS ? "writer" : "reader";
    return { atMs, kind: "join", node, by, role, isBearer: false };
  });
  const calls = Array.from({ length: CALLS }, (): Entry => {
    return { atMs: at(0.1), kind: "calls", node: prng.below(Math.min(nodes, WRITERS)), count: 1, seed: prng.u32() };
  });
  const crashes = Array.from({ length: CRASHES }, (): Entry => {
    const [node, downMs] = [prng.below(nodes), prng.below(30_000)];
    return { atMs: at(0.2), kind: "crash", node, downMs, survives: prng.pick([0, 0.5, 1]) };
  });
  const entries = [...joins, ...calls, ...crashes, ...drawNetwork(prng, nodes, durationMs)];
  return {
    seed,
    nodes,
    neighbours: NEIGHBOURS,
    durationMs,
    weather: {
      delayMinMs: 1,
      delayMeanMs: 20,
      cutChance: 0,
      noticeMaxMs: 1_000,
      redialMaxMs: 5_000,
      queueBytesMax: 1_048_576,
      dropChance: 0,
      duplicateChance: 0,
      reorderChance: 0,
      flushMeanMs: 1,
    },
    traitors: [],
    entries: entries.filter(({ atMs }) => atMs < durationMs).sort((a, b) => a.atMs - b.atMs),
  };
}
