/**
 * Drawing a plan. Swarm testing (Groce et al., 2012): each kind of trouble is off altogether in some seeds, and its rate
 * is drawn once per seed in the others, so that rare combinations of plenty and nothing come up.
 */

import { createPrng, type Prng } from "@dunlin/core/base";
import { mix, type Weather } from "@dunlin/core/simulation";
import { drawSayings } from "./draw-sayings.ts";
import { drawDeeds, drawPoisoners, drawSnapshotDeeds, drawTraitors } from "./draw-traitors.ts";
import { drawClocks, drawDeadLinks, drawNetwork, drawSlowDisks } from "./draw-trouble.ts";
import type { Entry, Plan, Role } from "./plan.ts";
import { HOUR_MS, times } from "./times.ts";

const MOVES_PER_NODE_MAX = 3;

export function drawPlan(seed: number, nodes: number, hours: number): Plan {
  const prng = createPrng(seed);
  const durationMs = hours * HOUR_MS;
  const entries: Entry[] = [
    ...drawJoins(prng, nodes, durationMs),
    ...drawCalls(prng, nodes, durationMs),
    ...drawCrashes(prng, nodes, durationMs),
    ...drawNetwork(prng, nodes, durationMs),
    ...drawClocks(prng, nodes, durationMs),
  ];
  const others = createPrng(mix(seed, 8));
  const traitors = drawTraitors(others, nodes);
  entries.push(...drawDeeds(others, traitors, durationMs), ...drawSayings(others, nodes, traitors, durationMs));
  entries.push(...drawDeadLinks(others, nodes, durationMs), ...drawSlowDisks(others, nodes, durationMs));
  const third = createPrng(mix(seed, 11));
  const poisoners = drawPoisoners(third, traitors);
  entries.push(...drawSnapshotDeeds(third, poisoners, { nodes, durationMs }));
  const inTime = entries.filter(({ atMs }) => atMs < durationMs).sort((a, b) => a.atMs - b.atMs);
  return { seed, nodes, durationMs, weather: drawWeather(prng), traitors: poisoners, entries: inTime };
}

function drawWeather(prng: Prng): Weather {
  const isHostile = prng.chance(0.3);
  const hostile = (max: number): number => (isHostile && prng.chance(0.7) ? prng.unit() * max : 0);
  return {
    delayMinMs: prng.pick([0, 1, 20, 100]),
    delayMeanMs: prng.pick([1, 10, 100, 1_000, 5_000]),
    cutChance: prng.chance(0.6) ? prng.unit() * prng.pick([0.001, 0.01, 0.1]) : 0,
    noticeMaxMs: prng.pick([0, 1_000, 30_000]),
    redialMaxMs: prng.pick([100, 5_000, 60_000]),
    queueBytesMax: prng.pick([4_096, 65_536, 1_048_576, 4_194_304]),
    dropChance: hostile(0.1),
    duplicateChance: hostile(0.1),
    reorderChance: hostile(0.2),
    flushMeanMs: prng.pick([0, 1, 10, 500]),
  };
}

function drawJoins(prng: Prng, nodes: number, durationMs: number): Entry[] {
  const isEarly = prng.chance(0.5);
  const joins: Entry[] = [];
  for (let node = 1; node < nodes; node++) {
    const atMs = Math.floor(prng.unit() * (isEarly ? 60_000 : durationMs * 0.8));
    const role = prng.pick<Role>(["writer", "writer", "writer", "admin", "admin", "reader"]);
    joins.push({
      atMs,
      kind: "join",
      node,
      by: prng.chance(0.5) ? 0 : prng.below(nodes),
      role,
      isBearer: prng.chance(0.2),
    });
  }
  return joins;
}

function drawCalls(prng: Prng, nodes: number, durationMs: number): Entry[] {
  const calls: Entry[] = [];
  const add = (atMs: number, count: number): void => {
    calls.push({ atMs: Math.floor(atMs), kind: "calls", node: prng.below(nodes), count, seed: prng.u32() });
  };
  const lone = times(prng, 300, durationMs);
  for (let i = 0; i < lone; i++) add(prng.unit() * durationMs, 1);
  const bursts = prng.chance(0.7) ? times(prng, 20, durationMs) : 0;
  for (let i = 0; i < bursts; i++) {
    const atMs = prng.unit() * durationMs;
    const size = 1 + prng.below(12);
    for (let j = 0; j < size; j++) add(atMs + prng.unit() * 2_000, 1 + prng.below(3));
  }
  return calls;
}

function drawCrashes(prng: Prng, nodes: number, durationMs: number): Entry[] {
  const crashes: Entry[] = [];
  const downMaxMs = prng.pick([1_000, 60_000, 600_000]);
  const count = prng.chance(0.75) ? times(prng, 24, durationMs) : 0;
  for (let i = 0; i < count; i++) {
    const node = prng.below(nodes);
    const atMs = Math.floor(prng.unit() * durationMs);
    const downMs = Math.floor(prng.unit() * downMaxMs);
    crashes.push({ atMs, kind: "crash", node, downMs, survives: prng.pick([0, 0, 0.5, 1]) });
    // With calls that have just been made: what is acknowledged then is what a crash may not take.
    if (prng.chance(0.6)) {
      const calledMs = Math.max(0, atMs - prng.below(20));
      crashes.push({ atMs: calledMs, kind: "calls", node, count: 1 + prng.below(3), seed: prng.u32() });
    }
    // Again while it recovers.
    if (!prng.chance(0.2)) continue;
    const againMs = atMs + downMs + Math.floor(prng.unit() * 50);
    crashes.push({ atMs: againMs, kind: "crash", node, downMs: prng.below(5_000), survives: prng.unit() });
  }
  const failures = prng.chance(0.3) ? times(prng, 6, durationMs) : 0;
  for (let i = 0; i < failures; i++) {
    crashes.push({
      atMs: Math.floor(prng.unit() * durationMs),
      kind: "disk-fails",
      node: prng.below(nodes),
      survives: prng.pick([0, 0.5, 1]),
    });
  }
  if (prng.chance(0.3)) {
    for (let i = 0; i < MOVES_PER_NODE_MAX; i++) {
      crashes.push({
        atMs: Math.floor(prng.unit() * durationMs),
        kind: "move",
        node: prng.below(nodes),
        downMs: prng.below(60_000),
      });
    }
  }
  return crashes;
}
