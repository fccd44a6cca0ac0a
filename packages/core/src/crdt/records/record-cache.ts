/**
 * Which records of a document stay in memory: those that were used last, as far as a bound on bytes goes. A record that
 * the store lacks, or that somebody has pinned, is never evicted; its bytes count all the same. Bytes are an estimate,
 * from the encoded length. All containers of a document share the bound, and the hand of its clock goes through them.
 */
import { must } from "../../base/index.ts";
import { RECORD_CACHE_BYTES_DEFAULT } from "./limits.ts";
import type { RecordSlots } from "./record-slots.ts";

/** A container with records in memory. */
export interface RecordsOwner {
  readonly records: RecordSlots;
  /** Drops a record from memory. */
  evict(slot: number): void;
}

export interface RecordCacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  /** An estimate of what the records in memory take. */
  readonly bytes: number;
}

/** A record with its id and its slot; and what a byte on disk is in memory. Both measured. */
const RECORD_BYTES = 150;
const BYTES_PER_ENCODED_BYTE = 2;

export class RecordCache {
  readonly #bytesMax: number;
  readonly #owners: RecordsOwner[] = [];
  /** Where the hand is among the owners. */
  #turn = 0;
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;
  #holds = 0;

  constructor(bytesMax: number = RECORD_CACHE_BYTES_DEFAULT) {
    this.#bytesMax = bytesMax;
  }

  get stats(): RecordCacheStats {
    return { hits: this.#hits, misses: this.#misses, evictions: this.#evictions, bytes: this.#bytes };
  }

  /** A record was found in memory. */
  hit(): void {
    this.#hits++;
  }

  miss(): void {
    this.#misses++;
  }

  join(owner: RecordsOwner): void {
    this.#owners.push(owner);
  }

  /** An owner lets go of all its records. */
  leave(owner: RecordsOwner): void {
    const at = this.#owners.indexOf(owner);
    if (at >= 0) this.#owners.splice(at, 1);
  }

  /** So many records came into memory, or left it, and their encoded length changed by so much. */
  charge(records: number, encodedBytes: number): void {
    this.#bytes += records * RECORD_BYTES + encodedBytes * BYTES_PER_ENCODED_BYTE;
  }

  /** Nothing is evicted until `unhold`: what has been loaded is there when it is written to. */
  hold(): void {
    this.#holds++;
  }

  unhold(): void {
    this.#holds--;
    this.trim();
  }

  /** Evicts until the bound is kept, or nothing is left that may go. */
  trim(): void {
    let idle = 0;
    while (this.#bytes > this.#bytesMax && this.#holds === 0 && idle < this.#owners.length) {
      if (this.#turn >= this.#owners.length) this.#turn = 0;
      const owner = must(this.#owners[this.#turn], "the turn is one of the owners'");
      idle = owner.records.evictable === 0 ? idle + 1 : 0;
      if (idle > 0 || this.#evictSome(owner)) this.#turn++;
    }
  }

  /** Whether the hand has been round. */
  #evictSome(owner: RecordsOwner): boolean {
    const { first, due, isRound } = owner.records.sweep();
    for (let left = due; left !== 0 && this.#bytes > this.#bytesMax; left &= left - 1) {
      owner.evict(first + 31 - Math.clz32(left & -left));
      this.#evictions++;
    }
    return isRound;
  }
}
