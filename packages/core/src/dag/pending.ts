/**
 * Deltas that wait: for parents that are not here, for their actor's first delta, or for a clock that is behind them.
 *
 * A reverse index from each missing delta to those that wait for it makes a cascade linear, also for thousands
 * delivered backwards. Bounded by count, bytes and actor; the oldest goes first, and sync brings it back. What is asked
 * for is the missing frontier of the whole set, not only of the newest delta, and only on behalf of deltas whose
 * signature has been checked.
 */
import type { DeltaId, PublicKey } from "../base/index.ts";
import { ID_BYTES, idKeyToBytes, must } from "../base/index.ts";
import type { AuthenticDelta, SignedDelta } from "./delta.ts";
import type { VersionVector } from "./graph.ts";
import { PENDING_BYTES_MAX, PENDING_DELTAS_MAX, PENDING_DELTAS_PER_ACTOR_MAX } from "./limits.ts";

/** A waiting delta: `proven` when its signature has been checked. */
export type Waiting =
  | { readonly proven: true; readonly delta: AuthenticDelta }
  | { readonly proven: false; readonly delta: SignedDelta };

interface Entry {
  readonly waiting: Waiting;
  /** Keys of the deltas it waits for, those that have come taken out. */
  readonly missing: Set<string>;
}

export class Pending {
  readonly #entries = new Map<string, Entry>();
  readonly #waitersByMissing = new Map<string, Set<string>>();
  readonly #keysByActor = new Map<string, Set<string>>();
  /** Of actors whose first delta waits here, proven. */
  readonly #memberByActor = new Map<string, PublicKey>();
  #bytes = 0;
  #evicted = 0;

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many were dropped for the limits' sake since the start. */
  get evicted(): number {
    return this.#evicted;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /**
   * Takes in a delta that waits for `missing`, none of which is admitted. A name that is no id's key (a moment to wait
   * for) is released like any other and never asked for.
   */
  add(waiting: Waiting, missing: readonly string[]): void {
    const { key, actorKey, bytes } = waiting.delta;
    if (this.#entries.has(key)) return;
    this.#entries.set(key, { waiting, missing: new Set(missing) });
    for (const needed of missing) setOf(this.#waitersByMissing, needed).add(key);
    setOf(this.#keysByActor, actorKey).add(key);
    if (waiting.proven && waiting.delta.member) this.#memberByActor.set(actorKey, waiting.delta.member);
    this.#bytes += bytes.length;
    this.#evict(actorKey);
  }

  /** Takes out what waited for `key` alone, now that it is admitted. */
  release(key: string): Waiting[] {
    const waiters = this.#waitersByMissing.get(key);
    if (!waiters) return [];
    this.#waitersByMissing.delete(key);
    const ready: Waiting[] = [];
    for (const waiter of waiters) {
      const entry = must(this.#entries.get(waiter), "a waiter is pending");
      entry.missing.delete(key);
      if (entry.missing.size > 0) continue;
      this.#remove(waiter);
      ready.push(entry.waiting);
    }
    return ready;
  }

  /** Takes a delta out that need not wait: it was admitted by another way. */
  discard(key: string): void {
    if (this.#entries.has(key)) this.#remove(key);
  }

  /** Ids that proven deltas wait for and that are not themselves here, at most `limit`. */
  missingFrontier(limit: number): DeltaId[] {
    const ids: DeltaId[] = [];
    for (const [needed, waiters] of this.#waitersByMissing) {
      if (ids.length >= limit) break;
      if (needed.length !== ID_BYTES || this.#entries.has(needed)) continue;
      if (this.#anyProven(waiters)) ids.push(idKeyToBytes(needed) as DeltaId);
    }
    return ids;
  }

  /** The key that signs for an actor whose proven first delta waits here: its actor id binds it. */
  memberOf(actorKey: string): PublicKey | undefined {
    return this.#memberByActor.get(actorKey);
  }

  /** `vector` as far as proven deltas that wait here go on from it without a gap. */
  extend(vector: VersionVector): VersionVector {
    if (this.#entries.size === 0) return vector;
    const extended = new Map(vector);
    for (const [actorKey, keys] of this.#keysByActor) {
      const sequences = new Set<number>();
      for (const key of keys) {
        const { proven, delta } = must(this.#entries.get(key), "an actor's pending delta").waiting;
        if (proven) sequences.add(delta.sequence);
      }
      let last = vector.get(actorKey) ?? 0;
      while (sequences.has(last + 1)) last++;
      if (last > 0) extended.set(actorKey, last);
    }
    return extended;
  }

  #anyProven(waiters: ReadonlySet<string>): boolean {
    for (const waiter of waiters) if (this.#entries.get(waiter)?.waiting.proven) return true;
    return false;
  }

  #evict(actorKey: string): void {
    const own = setOf(this.#keysByActor, actorKey);
    if (own.size > PENDING_DELTAS_PER_ACTOR_MAX) this.#drop(oldest(own));
    while (this.#entries.size > PENDING_DELTAS_MAX || this.#bytes > PENDING_BYTES_MAX)
      this.#drop(oldest(this.#entries));
  }

  #drop(key: string): void {
    this.#evicted++;
    this.#remove(key);
  }

  #remove(key: string): void {
    const entry = must(this.#entries.get(key), "a pending delta");
    this.#entries.delete(key);
    for (const needed of entry.missing) forget(this.#waitersByMissing, needed, key);
    forget(this.#keysByActor, entry.waiting.delta.actorKey, key);
    if (entry.waiting.delta.member) this.#memberByActor.delete(entry.waiting.delta.actorKey);
    this.#bytes -= entry.waiting.delta.bytes.length;
  }
}

function oldest(keys: ReadonlyMap<string, unknown> | ReadonlySet<string>): string {
  return must(keys.keys().next().value, "something is pending");
}

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  const known = sets.get(key);
  if (known) return known;
  const made = new Set<string>();
  sets.set(key, made);
  return made;
}

function forget(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set?.delete(value) && set.size === 0) sets.delete(key);
}
