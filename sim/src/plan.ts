/**
 * The plan of a run: what the world is like and what happens in it, all drawn from the seed before anything runs.
 * Shrinking takes entries out; what is left happens as before.
 *
 * Swarm testing (Groce et al., 2012): each kind of trouble is off altogether in some seeds, and its rate is drawn once
 * per seed in the others, so that rare combinations of plenty and nothing come up.
 */
import { createPrng, type Prng } from "@dunlin/core/base";
import type { Weather } from "@dunlin/core/simulation";

export type Role = "reader" | "writer" | "admin";

/** Something that happens at a moment; times in milliseconds since the start. */
export type Entry =
  | { readonly atMs: number; readonly kind: "join"; readonly node: number; readonly by: number; readonly role: Role }
  /** `count` calls at once, drawn from `seed`. */
  | {
      readonly atMs: number;
      readonly kind: "calls";
      readonly node: number;
      readonly count: number;
      readonly seed: number;
    }
  /** `survives`: the share of unflushed batches that reached the disk all the same. */
  | {
      readonly atMs: number;
      readonly kind: "crash";
      readonly node: number;
      readonly downMs: number;
      readonly survives: number;
    }
  /** The store moved: the node comes back as another actor. */
  | { readonly atMs: number; readonly kind: "move"; readonly node: number; readonly downMs: number }
  | { readonly atMs: number; readonly kind: "disk-fails"; readonly node: number }
  | { readonly atMs: number; readonly kind: "cut"; readonly a: number; readonly b: number }
  /** Nodes with different numbers do not reach each other. */
  | { readonly atMs: number; readonly kind: "partition"; readonly groups: readonly number[]; readonly forMs: number }
  | {
      readonly atMs: number;
      readonly kind: "slow";
      readonly node: number;
      readonly byMs: number;
      readonly forMs: number;
    }
  | { readonly atMs: number; readonly kind: "clock"; readonly node: number; readonly offsetMs: number };

export interface Plan {
  readonly seed: number;
  readonly nodes: number;
  readonly durationMs: number;
  readonly weather: Weather;
  readonly entries: readonly Entry[];
}

const HOUR_MS = 3_600_000;
/** A node that the clock of another calls ahead by more than the drift limit waits, and must be in before the end. */
const CLOCK_AHEAD_MAX_MS = 300_000;
const CLOCK_BEHIND_MAX_MS = 86_400_000;
const MOVES_PER_NODE_MAX = 3;

export function drawPlan(seed: number, nodes: number, hours: number): Plan {
  const prng = createPrng(seed);
  const durationMs = hours * HOUR_MS;
  const entries = [
    ...drawJoins(prng, nodes, durationMs),
    ...drawCalls(prng, nodes, durationMs),
    ...drawCrashes(prng, nodes, durationMs),
    ...drawNetwork(prng, nodes, durationMs),
    ...drawClocks(prng, nodes, durationMs),
  ];
  const inTime = entries.filter(({ atMs }) => atMs < durationMs).sort((a, b) => a.atMs - b.atMs);
  return { seed, nodes, durationMs, weather: drawWeather(prng), entries: inTime };
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
    joins.push({ atMs, kind: "join", node, by: prng.chance(0.5) ? 0 : prng.below(nodes), role });
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
    crashes.push({ atMs: Math.floor(prng.unit() * durationMs), kind: "disk-fails", node: prng.below(nodes) });
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

function drawNetwork(prng: Prng, nodes: number, durationMs: number): Entry[] {
  const entries: Entry[] = [];
  const at = (): number => Math.floor(prng.unit() * durationMs);
  const cuts = prng.chance(0.6) ? times(prng, 60, durationMs) : 0;
  for (let i = 0; i < cuts && nodes > 1; i++) {
    const a = prng.below(nodes);
    entries.push({ atMs: at(), kind: "cut", a, b: (a + 1 + prng.below(nodes - 1)) % nodes });
  }
  const partitions = prng.chance(0.7) ? times(prng, 8, durationMs) : 0;
  for (let i = 0; i < partitions; i++) entries.push(...drawPartition(prng, nodes, at()));
  const slows = prng.chance(0.4) ? times(prng, 6, durationMs) : 0;
  for (let i = 0; i < slows; i++) {
    const [byMs, forMs] = [100 + prng.below(10_000), prng.below(300_000)];
    entries.push({ atMs: at(), kind: "slow", node: prng.below(nodes), byMs, forMs });
  }
  return entries;
}

/** Split at random, one node alone, or a link that comes and goes. */
function drawPartition(prng: Prng, nodes: number, atMs: number): Entry[] {
  const lone = prng.below(nodes);
  const groups = prng.chance(0.5)
    ? Array.from({ length: nodes }, (_, node) => (node === lone ? 1 : 0))
    : Array.from({ length: nodes }, () => prng.below(2));
  if (prng.chance(0.7)) return [{ atMs, kind: "partition", groups, forMs: prng.below(600_000) }];
  const times = 2 + prng.below(8);
  return Array.from({ length: times }, (_, i) => {
    return { atMs: atMs + i * 8_000, kind: "partition", groups, forMs: 1_000 + prng.below(6_000) } as const;
  });
}

function drawClocks(prng: Prng, nodes: number, durationMs: number): Entry[] {
  if (prng.chance(0.4)) return [];
  const isWild = prng.chance(0.3);
  const entries: Entry[] = [];
  const count = nodes + times(prng, 6, durationMs);
  for (let i = 0; i < count; i++) {
    const ahead = prng.unit() * (isWild ? CLOCK_AHEAD_MAX_MS : 20_000);
    const behind = prng.unit() * (isWild ? CLOCK_BEHIND_MAX_MS : 20_000);
    const offsetMs = Math.floor(prng.chance(0.5) ? ahead : -behind);
    entries.push({
      atMs: i < nodes ? 0 : Math.floor(prng.unit() * durationMs),
      kind: "clock",
      node: i < nodes ? i : prng.below(nodes),
      offsetMs,
    });
  }
  return entries;
}

/** How often something happens that happens `perHourMax` times an hour at most. */
function times(prng: Prng, perHourMax: number, durationMs: number): number {
  return Math.ceil(prng.unit() * perHourMax * (durationMs / HOUR_MS));
}
