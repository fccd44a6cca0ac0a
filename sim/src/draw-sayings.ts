/**
 * What admins say of members, and members of themselves. The founder is never a target, so that somebody is left who lets
 * others in.
 */
import type { Prng } from "@dunlin/core/base";
import type { Entry, Role, Traitor } from "./plan.ts";
import { times } from "./times.ts";

export function drawSayings(prng: Prng, nodes: number, traitors: readonly Traitor[], durationMs: number): Entry[] {
  const entries: Entry[] = [];
  if (nodes < 3 || prng.chance(0.5)) return entries;
  const honest = Array.from({ length: nodes }, (_, i) => i).filter((i) => !traitors.some(({ node }) => node === i));
  const count = times(prng, 12, durationMs);
  for (let i = 0; i < count; i++) {
    const member = 1 + prng.below(nodes - 1);
    const by = prng.chance(0.15) && honest.includes(member) ? member : prng.pick(honest);
    const atMs = Math.floor(prng.unit() * durationMs);
    entries.push(drawSaying(prng, atMs, by, member));
    // Two who do not know of each other's.
    if (prng.chance(0.3)) entries.push(drawSaying(prng, atMs + prng.below(3_000), prng.pick(honest), member));
    // Often given back.
    if (prng.chance(0.5)) {
      const role = prng.pick<Role>(["writer", "admin"]);
      entries.push({ atMs: atMs + prng.below(600_000), kind: "add", by: 0, member, role });
    }
  }
  return entries;
}

function drawSaying(prng: Prng, atMs: number, by: number, member: number): Entry {
  if (by === member || prng.chance(0.5)) return { atMs, kind: "remove", by, member };
  return { atMs, kind: "role", by, member, role: prng.pick<Role>(["reader", "writer", "admin"]) };
}
