/** Trouble of the network, of clocks and of disks. */
import type { Prng } from "@dunlin/core/base";
import type { Entry } from "./plan.ts";
import { times } from "./times.ts";

/** A node that the clock of another calls ahead by more than the drift limit waits, and must be in before the end. */
const CLOCK_AHEAD_MAX_MS = 300_000;
const CLOCK_BEHIND_MAX_MS = 86_400_000;

export function drawNetwork(prng: Prng, nodes: number, durationMs: number): Entry[] {
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

export function drawClocks(prng: Prng, nodes: number, durationMs: number): Entry[] {
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

/** Links that work one way only; and all links of a node that go one after another and come back in another order. */
export function drawDeadLinks(prng: Prng, nodes: number, durationMs: number): Entry[] {
  const entries: Entry[] = [];
  if (nodes < 2 || prng.chance(0.5)) return entries;
  const add = (atMs: number, from: number, to: number, forMs: number): void => {
    entries.push({ atMs: Math.floor(atMs), kind: "one-way", from, to, forMs, isLost: prng.chance(0.5) });
  };
  const count = times(prng, 20, durationMs);
  for (let i = 0; i < count; i++) {
    const from = prng.below(nodes);
    add(prng.unit() * durationMs, from, (from + 1 + prng.below(nodes - 1)) % nodes, 1_000 + prng.below(120_000));
  }
  if (prng.chance(0.4)) {
    const [node, atMs] = [prng.below(nodes), prng.unit() * durationMs];
    for (let other = 0; other < nodes; other++) {
      if (other === node) continue;
      for (const [from, to] of [[node, other] as const, [other, node] as const]) {
        add(atMs + prng.unit() * 60_000, from, to, 60_000 + prng.below(120_000));
      }
    }
  }
  return entries;
}

export function drawSlowDisks(prng: Prng, nodes: number, durationMs: number): Entry[] {
  const entries: Entry[] = [];
  const count = prng.chance(0.3) ? times(prng, 6, durationMs) : 0;
  for (let i = 0; i < count; i++) {
    const [byMs, forMs] = [100 + prng.below(8_000), 10_000 + prng.below(200_000)];
    const atMs = Math.floor(prng.unit() * durationMs);
    entries.push({ atMs, kind: "disk-slow", node: prng.below(nodes), byMs, forMs });
  }
  return entries;
}
