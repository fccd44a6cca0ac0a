/**
 * Cells that hold one entry per actor, ascending by actor: what their joins and codecs have in common.
 *
 *   count (varint) | count times: actor (16, ascending) | the entry, in a layout of its own
 *
 * Joined entry by entry, so such a cell is a semilattice when its entries are. Refused: actors out of order or twice.
 */
import { ACTOR_BYTES, type ActorId, compareBytes, type Reader, type Stamp } from "../../base/index.ts";
import { SET_ACTORS_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import { joinAscending } from "./join-ascending.ts";

export interface ActorEntry {
  readonly actor: ActorId;
}

/** What a writer saw of an actor, and ends: a value that it overwrites, a removal that it undoes. */
export interface Seen {
  readonly actor: ActorId;
  readonly stamp: Stamp;
}

/** `a` itself when `b` adds nothing, provided that `joinEntries` keeps to the same. */
export function joinByActor<E extends ActorEntry>(
  a: readonly E[],
  b: readonly E[],
  joinEntries: (a: E, b: E) => E,
): readonly E[] {
  return joinAscending(a, b, compareEntries, joinEntries);
}

/** `bytesEach` is the least that an entry takes beside its actor. */
export function readByActor<E extends ActorEntry>(
  reader: Reader,
  intern: Intern,
  bytesEach: number,
  readEntry: (reader: Reader, actor: ActorId) => E,
): E[] {
  const count = reader.count(SET_ACTORS_MAX, ACTOR_BYTES + bytesEach);
  const entries: E[] = [];
  let previous: ActorId | undefined;
  for (let i = 0; i < count; i++) {
    const bytes = reader.raw(ACTOR_BYTES);
    if (reader.failed) return [];
    const actor = intern(bytes);
    if (previous !== undefined && compareActors(previous, actor) >= 0) reader.fail();
    entries.push(readEntry(reader, actor));
    previous = actor;
  }
  return reader.failed ? [] : entries;
}

/** Nobody can have seen what comes after their own write: it would end what is yet to come, and is void. */
export function seenBelow(seen: readonly Seen[], { stamp }: { readonly stamp: Stamp }): readonly Seen[] {
  const valid = seen.filter((entry) => entry.stamp <= stamp);
  return valid.length === seen.length ? seen : valid;
}

export function compareActors(a: ActorId, b: ActorId): number {
  return a === b ? 0 : compareBytes(a, b);
}

function compareEntries(a: ActorEntry, b: ActorEntry): number {
  return compareActors(a.actor, b.actor);
}
