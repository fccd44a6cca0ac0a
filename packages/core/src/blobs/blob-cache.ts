/**
 * Blobs in memory, evicted in three phases: by age, by count, by bytes. The phases run on a timer; between two runs
 * the bytes stay within twice their budget, because whoever adds to a cache above that evicts at once.
 *
 * Time comes in with each call. Entries stand in the order of their last use, so each phase goes through no more than
 * what it evicts.
 */
import { BLOB_CACHE_AGE_MS_DEFAULT, BLOB_CACHE_BYTES_DEFAULT, BLOB_CACHE_COUNT_DEFAULT } from "./limits.ts";

export interface BlobCacheOptions {
  /** Milliseconds without a read after which a blob goes. */
  readonly ageMs?: number;
  readonly count?: number;
  readonly bytes?: number;
}

/** What one run evicted, by phase. */
export interface Eviction {
  readonly byAge: number;
  readonly byCount: number;
  readonly byBytes: number;
  readonly bytesFreed: number;
}

interface Cached {
  readonly bytes: Uint8Array;
  usedMs: number;
}

export class BlobCache {
  readonly #ageMs: number;
  readonly #count: number;
  readonly #bytesMax: number;
  readonly #entries = new Map<string, Cached>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;

  constructor(options: BlobCacheOptions = {}) {
    this.#ageMs = options.ageMs ?? BLOB_CACHE_AGE_MS_DEFAULT;
    this.#count = options.count ?? BLOB_CACHE_COUNT_DEFAULT;
    this.#bytesMax = options.bytes ?? BLOB_CACHE_BYTES_DEFAULT;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get hits(): number {
    return this.#hits;
  }

  get misses(): number {
    return this.#misses;
  }

  /** The blob's bytes, which the caller must not change. */
  get(key: string, nowMs: number): Uint8Array | undefined {
    const cached = this.#entries.get(key);
    if (!cached) {
      this.#misses++;
      return undefined;
    }
    this.#hits++;
    this.#entries.delete(key);
    this.#entries.set(key, cached);
    cached.usedMs = nowMs;
    return cached.bytes;
  }

  /** Keeps a blob. One larger than the whole budget is not kept. */
  add(key: string, bytes: Uint8Array, nowMs: number): void {
    this.delete(key);
    if (bytes.length > this.#bytesMax) return;
    this.#entries.set(key, { bytes, usedMs: nowMs });
    this.#bytes += bytes.length;
    if (this.#bytes > 2 * this.#bytesMax || this.size > 2 * this.#count) this.evict(nowMs);
  }

  delete(key: string): void {
    const cached = this.#entries.get(key);
    if (!cached) return;
    this.#entries.delete(key);
    this.#bytes -= cached.bytes.length;
  }

  evict(nowMs: number): Eviction {
    const before = this.#bytes;
    const byAge = this.#evictWhile((oldest) => nowMs - oldest.usedMs > this.#ageMs);
    const byCount = this.#evictWhile(() => this.size > this.#count);
    const byBytes = this.#evictWhile(() => this.#bytes > this.#bytesMax);
    return { byAge, byCount, byBytes, bytesFreed: before - this.#bytes };
  }

  #evictWhile(isDue: (oldest: Cached) => boolean): number {
    let evicted = 0;
    for (const [key, cached] of this.#entries) {
      if (!isDue(cached)) break;
      this.delete(key);
      evicted++;
    }
    return evicted;
  }
}
