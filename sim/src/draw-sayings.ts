/**
 * What admins say of members, and members of themselves.
 *
 * Whoever may lose a right says nothing of others and lets nobody in: what it says without knowing of its loss is kept
 * back at those who know, and not passed on, so that nodes may differ about it until all have heard it from its author.
 * The founder is never a target, so somebody is left who lets others in.
 */
import type { Prng } from "@dunlin/core/base";
import type { Entry, Role, Traitor } from "./plan.ts";
import { times } from "./times.ts";

export function drawSayings(prng: Prng, nodes: number, traitors: readonly Traitor[], durationMs: number): Entry[] {
  const entries: Entry[] = [];
  if (nodes < 2 || prng.chance(0.5)) return entries;
  const isTraitor = (index: number): boolean => traitors.some(({ node }) => node === index);
  const all = Array.from({ length: nodes }, (_, i) => i);
  const targets = all.slice(1).filter(() => prng.chance(0.5));
  const sayers = all.filter((node) => !targets.includes(node) && !isTraitor(node));
  const count = targets.length > 0 ? times(prng, 12, durationMs) : 0;
  for (let i = 0; i < count; i++) {
    const member = prng.pick(targets);
    const by = prng.chance(0.15) && !isTraitor(member) ? member : prng.pick(sayers);
    const atMs = Math.floor(prng.unit() * durationMs);
    entries.push(drawSaying(prng, atMs, by, member));
    // Two who do not know of each other's.
    if (prng.chance(0.3)) entries.push(drawSaying(prng, atMs + prng.below(3_000), prng.pick(sayers), member));
    // Often given back.
    if (prng.chance(0.5)) {
      const role = prng.pick<Role>(["writer", "admin"]);
      entries.push({ atMs: atMs + prng.below(600_000), kind: "add", by: prng.pick(sayers), member, role });
    }
  }
  return entries;
}

/** Whom somebody says something of. */
export function isTarget(entries: readonly Entry[], node: number): boolean {
  return entries.some((entry) => (entry.kind === "remove" || entry.kind === "role") && entry.member === node);
}

function drawSaying(prng: Prng, atMs: number, by: number, member: number): Entry {
  if (by === member || prng.chance(0.5)) return { atMs, kind: "remove", by, member };
  return { atMs, kind: "role", by, member, role: prng.pick<Role>(["reader", "writer", "admin"]) };
}
