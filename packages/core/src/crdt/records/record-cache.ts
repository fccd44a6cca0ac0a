/**
 * Which records of a document stay in memory: those that were used last, as far as a bound on bytes goes. A record that
 * the store lacks, or that somebody has pinned, is not in the list and so is never evicted; its bytes count all the
 * same. Bytes are an estimate, from the encoded length.
 */
import { must } from "../../base/index.ts";
import { RECORD_CACHE_BYTES_DEFAULT } from "./limits.ts";
import type { RecordCell } from "./record-cell.ts";

export interface RecordEntry {
  readonly id: string;
  /** Undefined while a transaction has asked for a document of which there is nothing. */
  cell: RecordCell | undefined;
  /** Of the cell as encoded last; 0 when it never was. */
  encodedBytes: number;
  isDirty: boolean;
  pins: number;
  /** Drops it from the memory of its container. */
  readonly evict: (entry: RecordEntry) => void;
  /** Neighbours in the list, while it is in it. */
  newer: RecordEntry | undefined;
  older: RecordEntry | undefined;
  isListed: boolean;
  countedBytes: number;
}

export interface RecordCacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  /** An estimate of what the records in memory take. */
  readonly bytes: number;
}

/** Objects of an entry, its cell and its place in a map; and what a byte on disk is in memory. Both measured. */
const ENTRY_BYTES = 320;
const BYTES_PER_ENCODED_BYTE = 6;

export class RecordCache {
  readonly #bytesMax: number;
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;
  #newest: RecordEntry | undefined;
  #oldest: RecordEntry | undefined;
  #holds = 0;

  constructor(bytesMax: number = RECORD_CACHE_BYTES_DEFAULT) {
    this.#bytesMax = bytesMax;
  }

  get stats(): RecordCacheStats {
    return { hits: this.#hits, misses: this.#misses, evictions: this.#evictions, bytes: this.#bytes };
  }

  /** A record was found in memory. */
  hit(entry: RecordEntry): void {
    this.#hits++;
    if (!entry.isListed || entry === this.#newest) return;
    this.#unlist(entry);
    this.#list(entry);
  }

  miss(): void {
    this.#misses++;
  }

  /** An entry is new, or its size, marks or pins have changed. */
  settle(entry: RecordEntry): void {
    const bytes = ENTRY_BYTES + entry.encodedBytes * BYTES_PER_ENCODED_BYTE;
    this.#bytes += bytes - entry.countedBytes;
    entry.countedBytes = bytes;
    const isEvictable = !entry.isDirty && entry.pins === 0;
    if (isEvictable && !entry.isListed) this.#list(entry);
    else if (!isEvictable && entry.isListed) this.#unlist(entry);
    this.#trim();
  }

  /** An entry has left the memory of its container. */
  remove(entry: RecordEntry): void {
    if (entry.isListed) this.#unlist(entry);
    this.#bytes -= entry.countedBytes;
    entry.countedBytes = 0;
  }

  /** Nothing is evicted until `unhold`: what has been loaded is there when it is written to. */
  hold(): void {
    this.#holds++;
  }

  unhold(): void {
    this.#holds--;
    this.#trim();
  }

  /** The newest stays in any case: somebody is about to use it. */
  #trim(): void {
    while (this.#bytes > this.#bytesMax && this.#holds === 0 && this.#oldest !== this.#newest) {
      const entry = must(this.#oldest, "a list with a newest entry has an oldest");
      this.remove(entry);
      entry.evict(entry);
      this.#evictions++;
    }
  }

  #list(entry: RecordEntry): void {
    entry.isListed = true;
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlist(entry: RecordEntry): void {
    entry.isListed = false;
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
    entry.newer = undefined;
    entry.older = undefined;
  }
}
