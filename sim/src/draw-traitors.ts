/** Who turns traitor, and what it does when. */
import type { Prng } from "@dunlin/core/base";
import type { Entry, Plan, Traitor } from "./plan.ts";
import { times } from "./times.ts";
import { DEEDS, SNAPSHOT_DEEDS } from "./traitors/deeds.ts";

/** More than a victim can know already, in most runs. */
const AMBUSH_CALLS = 60;
const OTHER_DEEDS = DEEDS.filter((deed) => !SNAPSHOT_DEEDS.includes(deed));

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
    traitors.push({ node, withholds, lies, poisons: 0, leaves: prng.chance(0.5) });
  }
  return traitors;
}

export function drawDeeds(prng: Prng, traitors: readonly Traitor[], durationMs: number): Entry[] {
  const entries: Entry[] = [];
  for (const { node } of traitors) {
    // Some do one thing over and over.
    const own = prng.chance(0.4) ? [prng.pick(OTHER_DEEDS)] : OTHER_DEEDS;
    const count = times(prng, 60, durationMs);
    for (let i = 0; i < count; i++) {
      const atMs = Math.floor(prng.unit() * durationMs);
      entries.push({ atMs, kind: "deed", node, deed: prng.pick(own), seed: prng.u32() });
    }
  }
  return entries;
}

/** Who of them serves false snapshots. */
export function drawPoisoners(prng: Prng, traitors: readonly Traitor[]): Traitor[] {
  return traitors.map((traitor) => (prng.chance(0.7) ? { ...traitor, poisons: prng.unit() } : traitor));
}

/** What they do, and how somebody comes to need a snapshot whom nobody but a traitor can give one. */
export function drawSnapshotDeeds(
  prng: Prng,
  traitors: readonly Traitor[],
  { nodes, durationMs }: Pick<Plan, "nodes" | "durationMs">,
): Entry[] {
  const entries: Entry[] = [];
  for (const { node, poisons } of traitors) {
    const count = poisons > 0 ? times(prng, 30, durationMs) : 0;
    for (let i = 0; i < count; i++) {
      const atMs = Math.floor(prng.unit() * durationMs);
      entries.push({ atMs, kind: "deed", node, deed: prng.pick(SNAPSHOT_DEEDS), seed: prng.u32() });
    }
    const victim = 1 + prng.below(nodes - 1);
    if (poisons > 0 && victim !== node && prng.chance(0.5)) {
      entries.push(...drawAmbush(prng, node, victim, { nodes, durationMs }));
    }
  }
  return entries;
}

/** Somebody is alone while much is written and a checkpoint is made, and then with the traitor. */
function drawAmbush(
  prng: Prng,
  traitor: number,
  victim: number,
  { nodes, durationMs }: Pick<Plan, "nodes" | "durationMs">,
): Entry[] {
  const atMs = Math.floor((0.1 + prng.unit() * 0.3) * durationMs);
  const [aloneMs, togetherMs] = [320_000 + prng.below(280_000), 60_000 + prng.below(240_000)];
  const groupsOf = (alone: readonly number[]) => Array.from({ length: nodes }, (_, i) => (alone.includes(i) ? 1 : 0));
  const metMs = atMs + aloneMs;
  const calls = Array.from({ length: AMBUSH_CALLS }, (): Entry => {
    return { atMs: atMs + prng.below(aloneMs), kind: "calls", node: 0, count: 1, seed: prng.u32() };
  });
  return [
    ...calls,
    { atMs, kind: "partition", groups: groupsOf([victim]), forMs: aloneMs },
    { atMs: metMs - 20_000, kind: "deed", node: traitor, deed: prng.pick(["poison", "usurp"]), seed: prng.u32() },
    { atMs: metMs, kind: "partition", groups: groupsOf([victim, traitor]), forMs: togetherMs },
  ];
}
