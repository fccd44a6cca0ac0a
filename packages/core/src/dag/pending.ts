/**
 * Deltas that wait: for parents that are not here, for their actor's first delta, or for a clock that is behind them.
 *
 * A reverse index from each missing delta to those that wait for it makes a cascade linear, also for thousands
 * delivered backwards. Bounded by count, bytes and actor; what is not proven goes first, then the oldest of whoever
 * has most here, and sync brings it back. What is asked for is the missing frontier of the whole set, not only of the
 * newest delta, only on behalf of deltas that are proven, and within a budget for each actor.
 */
import { assert, bytesEqual, type DeltaId, ID_BYTES, idKeyToBytes, must, type PublicKey } from "../base/index.ts";
import type { VersionVector } from "./chains.ts";
import { type SignedDelta, signatureOf } from "./delta.ts";
import {
  MISSING_FRONTIER_PER_ACTOR_MAX,
  PENDING_BYTES_MAX,
  PENDING_BYTES_PER_ACTOR_MAX,
  PENDING_DELTAS_MAX,
  PENDING_DELTAS_PER_ACTOR_MAX,
  PENDING_STALE_MS,
  PENDING_UNPROVEN_MAX,
  PENDING_UNPROVEN_PER_ACTOR_MAX,
  SIGNATURES_PER_UNPROVEN_MAX,
} from "./limits.ts";
import { ManyByKey } from "./many-by-key.ts";
import type { Proven, Unproven } from "./proof.ts";

export type Waiting = Proven | Unproven;

/** A waiting delta as it is kept for the next opening. */
export interface Held {
  readonly waiting: Waiting;
  readonly sinceMs: number;
}

interface Entry {
  waiting: Waiting;
  readonly sinceMs: number;
  readonly holdings: Holdings;
  /** Keys of the deltas it waits for, those that have come taken out. */
  readonly missing: string[];
}

/** What one actor has here, oldest first. */
interface Holdings {
  readonly actorKey: string;
  readonly proven: Map<string, Entry>;
  readonly unproven: Map<string, Entry>;
  /** What its proven deltas wait for and is not here, or not proven. */
  readonly wanted: Set<string>;
  /** Whose key signs for it, while its first delta is here: the actor's id is a hash of it. */
  member: PublicKey | undefined;
  bytes: number;
}

export class Pending {
  readonly #entries = new Map<string, Entry>();
  readonly #unproven = new Map<string, Entry>();
  readonly #waitersByMissing = new ManyByKey<Entry>();
  /** Proven deltas that still wait, by their actor's delta before, where that is admitted. */
  readonly #vouchersByAdmitted = new ManyByKey<Entry>();
  readonly #holdingsByActor = new Map<string, Holdings>();
  /** Keys of what changed since it was last written. */
  readonly #dirty = new Set<string>();
  #bytes = 0;
  #dropped = 0;

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many were dropped, for the limits' sake or because what they waited for never came. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether something changed since it was last written. */
  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): Waiting | undefined {
    return this.#entries.get(key)?.waiting;
  }

  /** What waits here for `key`, among others. */
  waitersOf(key: string): Waiting[] {
    return [...this.#waitersByMissing.get(key)].map(({ waiting }) => waiting);
  }

  /**
   * Takes in a delta that waits for `missing`, none of which is admitted, and gives back what had to go for it. A name
   * that is no id's key (a moment to wait for) is released like any other and never asked for.
   */
  add(waiting: Waiting, missing: readonly string[], sinceMs: number): Waiting[] {
    const { key, actorKey, bytes, member } = waiting.delta;
    assert(missing.length > 0 && !this.#entries.has(key), "a pending delta waits for something, once");
    const holdings = this.#holdingsOf(actorKey);
    const entry: Entry = { waiting, sinceMs, holdings, missing: [...missing] };
    this.#entries.set(key, entry);
    for (const needed of missing) this.#waitersByMissing.add(needed, entry);
    if (member) holdings.member = member;
    holdings.bytes += bytes.length;
    this.#bytes += bytes.length;
    this.#dirty.add(key);
    if (waiting.proven) {
      this.#hold(key, entry);
    } else {
      holdings.unproven.set(key, entry);
      this.#unproven.set(key, entry);
    }
    return this.#makeRoom(holdings);
  }

  /** Notes another copy of a delta that is not proven: its signature may be the good one. */
  addCopy(delta: SignedDelta): void {
    const entry = this.#entries.get(delta.key);
    if (!entry || entry.waiting.proven) return;
    const { waiting } = entry;
    const signature = signatureOf(delta);
    const known = [signatureOf(waiting.delta), ...waiting.otherSignatures];
    if (known.length >= SIGNATURES_PER_UNPROVEN_MAX || known.some((other) => bytesEqual(other, signature))) return;
    entry.waiting = { ...waiting, otherSignatures: [...waiting.otherSignatures, signature.slice()] };
    this.#dirty.add(delta.key);
  }

  /** What waits here is proven now. */
  prove(proven: Proven): void {
    const { key } = proven.delta;
    const entry = must(this.#entries.get(key), "what is proven waits here");
    entry.waiting = proven;
    entry.holdings.unproven.delete(key);
    this.#unproven.delete(key);
    this.#dirty.add(key);
    this.#hold(key, entry);
  }

  /** Takes out what waited for `key` alone, now that it is admitted or its moment has come. */
  release(key: string): Waiting[] {
    const ready: Waiting[] = [];
    for (const entry of this.#waitersByMissing.take(key)) {
      entry.missing.splice(entry.missing.indexOf(key), 1);
      entry.holdings.wanted.delete(key);
      if (entry.missing.length > 0) {
        this.#noteVoucher(entry);
        continue;
      }
      this.#remove(entry);
      ready.push(entry.waiting);
    }
    return ready;
  }

  /** Takes a delta out: it was admitted by another way, or what proved it is gone. */
  discard(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) this.#drop(entry);
  }

  /**
   * Drops what has waited too long for a delta that nobody brings, and gives it back. What waits for others that wait
   * here goes after them, at the next cleaning; what waits for the clock alone stays.
   */
  dropStale(nowMs: number): Waiting[] {
    const stale: Entry[] = [];
    for (const entry of this.#entries.values()) {
      const { waiting, sinceMs, missing, holdings } = entry;
      if (nowMs - sinceMs < PENDING_STALE_MS) continue;
      if (!waiting.proven || missing.some((needed) => holdings.wanted.has(needed))) stale.push(entry);
    }
    return stale.map((entry) => this.#drop(entry));
  }

  /** Ids that proven deltas wait for and that are not themselves here and proven, at most `limit`. */
  missingFrontier(limit: number): DeltaId[] {
    const keys = new Set<string>();
    for (const { wanted } of this.#holdingsByActor.values()) {
      let budget = MISSING_FRONTIER_PER_ACTOR_MAX;
      for (const needed of wanted) {
        if (keys.size >= limit || budget-- === 0) break;
        keys.add(needed);
      }
    }
    return [...keys].map((key) => idKeyToBytes(key) as DeltaId);
  }

  /** A proven delta of the same actor that waits here and names `delta` as its previous: it vouches for it. */
  voucherOf({ key, actorKey }: Pick<SignedDelta, "key" | "actorKey">): Proven | undefined {
    for (const vouchers of [this.#waitersByMissing.get(key), this.#vouchersByAdmitted.get(key)]) {
      for (const { waiting } of vouchers) {
        const { prevKey, actorKey: other } = waiting.delta;
        if (waiting.proven && prevKey === key && other === actorKey) return waiting;
      }
    }
    return undefined;
  }

  /** What waits here of an actor and is not proven, the last sequence first. */
  unprovenOf(actorKey: string): Unproven[] {
    const unproven: Unproven[] = [];
    for (const { waiting } of this.#holdingsByActor.get(actorKey)?.unproven.values() ?? []) {
      if (!waiting.proven) unproven.push(waiting);
    }
    return unproven.sort((a, b) => b.delta.sequence - a.delta.sequence);
  }

  /** The key that signs for an actor whose first delta waits here. */
  memberOf(actorKey: string): PublicKey | undefined {
    return this.#holdingsByActor.get(actorKey)?.member;
  }

  /** `vector` as far as proven deltas that wait here go on from it without a gap. */
  extend(vector: VersionVector): VersionVector {
    if (this.#entries.size === 0) return vector;
    const extended = new Map(vector);
    for (const [actorKey, { proven }] of this.#holdingsByActor) {
      const sequences = new Set<number>();
      for (const { waiting } of proven.values()) sequences.add(waiting.delta.sequence);
      let last = vector.get(actorKey) ?? 0;
      while (sequences.has(last + 1)) last++;
      if (last > 0) extended.set(actorKey, last);
    }
    return extended;
  }

  /** What changed since it was last asked for; what is gone has nothing held. */
  takeDirty(): { readonly key: string; readonly held: Held | undefined }[] {
    const changes = [...this.#dirty].map((key) => ({ key, held: this.#entries.get(key) }));
    this.#dirty.clear();
    return changes;
  }

  #hold(key: string, entry: Entry): void {
    const { holdings, missing } = entry;
    holdings.proven.set(key, entry);
    for (const waiter of this.#waitersByMissing.get(key)) waiter.holdings.wanted.delete(key);
    for (const needed of missing) {
      if (needed.length === ID_BYTES && !this.#entries.get(needed)?.waiting.proven) holdings.wanted.add(needed);
    }
    this.#noteVoucher(entry);
  }

  #noteVoucher(entry: Entry): void {
    const { prevKey } = entry.waiting.delta;
    if (!entry.waiting.proven || prevKey === undefined || entry.missing.includes(prevKey)) return;
    this.#vouchersByAdmitted.add(prevKey, entry);
  }

  /** An actor over its own budget makes room itself; else what is not proven, then the oldest of who has most. */
  #makeRoom(added: Holdings): Waiting[] {
    const gone: Waiting[] = [];
    const drop = (entry: Entry): void => void gone.push(this.#drop(entry));
    if (added.unproven.size > PENDING_UNPROVEN_PER_ACTOR_MAX) drop(oldest(added.unproven));
    if (this.#unproven.size > PENDING_UNPROVEN_MAX) drop(oldest(this.#unproven));
    while (added.proven.size > PENDING_DELTAS_PER_ACTOR_MAX || added.bytes > PENDING_BYTES_PER_ACTOR_MAX) {
      drop(oldest(added.unproven.size > 0 ? added.unproven : added.proven));
    }
    while (this.#entries.size > PENDING_DELTAS_MAX || this.#bytes > PENDING_BYTES_MAX) {
      drop(oldest(this.#unproven.size > 0 ? this.#unproven : this.#heaviest().proven));
    }
    return gone;
  }

  #heaviest(): Holdings {
    let heaviest: Holdings | undefined;
    for (const holdings of this.#holdingsByActor.values()) {
      if (!heaviest || holdings.bytes > heaviest.bytes) heaviest = holdings;
    }
    return must(heaviest, "something is pending");
  }

  #drop(entry: Entry): Waiting {
    const { waiting, missing, holdings } = entry;
    this.#dropped++;
    for (const needed of missing) {
      this.#waitersByMissing.delete(needed, entry);
      if (!someProvenOf(holdings, this.#waitersByMissing.get(needed))) holdings.wanted.delete(needed);
    }
    if (waiting.proven) {
      for (const waiter of this.#waitersByMissing.get(waiting.delta.key)) {
        if (waiter.waiting.proven) waiter.holdings.wanted.add(waiting.delta.key);
      }
    }
    this.#remove(entry);
    return waiting;
  }

  #remove(entry: Entry): void {
    const { waiting, holdings } = entry;
    const { key, prevKey, bytes, member } = waiting.delta;
    if (prevKey !== undefined) this.#vouchersByAdmitted.delete(prevKey, entry);
    this.#entries.delete(key);
    this.#dirty.add(key);
    this.#bytes -= bytes.length;
    holdings.bytes -= bytes.length;
    if (member) holdings.member = undefined;
    if (waiting.proven) holdings.proven.delete(key);
    else {
      holdings.unproven.delete(key);
      this.#unproven.delete(key);
    }
    if (holdings.proven.size + holdings.unproven.size === 0) this.#holdingsByActor.delete(holdings.actorKey);
  }

  #holdingsOf(actorKey: string): Holdings {
    const known = this.#holdingsByActor.get(actorKey);
    if (known) return known;
    const made = { actorKey, proven: new Map(), unproven: new Map(), wanted: new Set<string>() };
    const holdings: Holdings = { ...made, member: undefined, bytes: 0 };
    this.#holdingsByActor.set(actorKey, holdings);
    return holdings;
  }
}

function someProvenOf(holdings: Holdings, waiters: Iterable<Entry>): boolean {
  for (const waiter of waiters) if (waiter.holdings === holdings && waiter.waiting.proven) return true;
  return false;
}

function oldest(entries: ReadonlyMap<string, Entry>): Entry {
  return must(entries.values().next().value, "something is pending");
}
