/** Comparing version vectors: per actor, the last sequence held. */
import type { VersionVector } from "../dag/index.ts";

/** True when `a` holds everything that `b` does, equivocation aside. */
export function covers(a: VersionVector, b: VersionVector): boolean {
  for (const [actor, sequence] of b) if ((a.get(actor) ?? 0) < sequence) return false;
  return true;
}

/** The entries of `vector` for these actors. */
export function restrict(vector: VersionVector, actors: Iterable<string>): VersionVector {
  const some = new Map<string, number>();
  for (const actor of actors) {
    const sequence = vector.get(actor);
    if (sequence !== undefined) some.set(actor, sequence);
  }
  return some;
}

/** The actors of whom `a` holds less than `b`. */
export function lacking(a: VersionVector, b: VersionVector): string[] {
  const actors: string[] = [];
  for (const [actor, sequence] of b) if ((a.get(actor) ?? 0) < sequence) actors.push(actor);
  return actors;
}

/** How many deltas `theirs` has more than `ours`, fork aside. */
export function countLacking(ours: VersionVector, theirs: VersionVector): number {
  let count = 0;
  for (const [actor, sequence] of theirs) count += Math.max(0, sequence - (ours.get(actor) ?? 0));
  return count;
}
