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
  /** Its owner's number for it. */
  readonly slot: number;
  /** Undefined while a transaction has asked for a document of which there is nothing. */
  cell: RecordCell | undefined;
  /** Of the cell as encoded last; 0 when it never was. Changed by `resize` alone. */
  encodedBytes: number;
  isDirty: boolean;
  pins: number;
  readonly owner: RecordsOwner;
  /** What the open transaction has done to it. */
  draft: RecordDraft | undefined;
  /** Neighbours in the list, while it is in it. */
  newer: RecordEntry | undefined;
  older: RecordEntry | undefined;
}

export interface RecordDraft {
  readonly entry: RecordEntry;
  /** The record before the transaction. */
  readonly base: RecordCell | undefined;
  /** About how long the document is when encoded. */
  bytes: number;
}

export interface RecordsOwner {
  /** Drops an entry from the memory of its container. */
  evict(entry: RecordEntry): void;
}

export interface RecordCacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  /** An estimate of what the records in memory take. */
  readonly bytes: number;
}

/** Objects of an entry, its cell and its place in a map; and what a byte on disk is in memory. Both measured. */
const ENTRY_BYTES = 300;
const BYTES_PER_ENCODED_BYTE = 2.5;

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
    if (!this.#isListed(entry) || entry === this.#newest) return;
    this.#unlist(entry);
    this.#list(entry);
  }

  miss(): void {
    this.#misses++;
  }

  /** An entry is new in memory. */
  add(entry: RecordEntry): void {
    this.#bytes += bytesOf(entry);
    // One of which there is nothing is about to be written to.
    if (entry.cell !== undefined) this.settle(entry);
  }

  /** An entry was encoded. */
  resize(entry: RecordEntry, encodedBytes: number): void {
    this.#bytes += (encodedBytes - entry.encodedBytes) * BYTES_PER_ENCODED_BYTE;
    entry.encodedBytes = encodedBytes;
    this.settle(entry);
  }

  /** The marks or pins of an entry have changed. */
  settle(entry: RecordEntry): void {
    const isEvictable = !entry.isDirty && entry.pins === 0;
    if (isEvictable && !this.#isListed(entry)) this.#list(entry);
    else if (!isEvictable && this.#isListed(entry)) this.#unlist(entry);
    this.#trim();
  }

  /** An entry has left the memory of its container. */
  remove(entry: RecordEntry): void {
    if (this.#isListed(entry)) this.#unlist(entry);
    this.#bytes -= bytesOf(entry);
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
      entry.owner.evict(entry);
      this.#evictions++;
    }
  }

  #isListed(entry: RecordEntry): boolean {
    return entry.older !== undefined || entry.newer !== undefined || entry === this.#newest;
  }

  #list(entry: RecordEntry): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlist(entry: RecordEntry): void {
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
    entry.newer = undefined;
    entry.older = undefined;
  }
}

function bytesOf({ encodedBytes }: RecordEntry): number {
  return ENTRY_BYTES + encodedBytes * BYTES_PER_ENCODED_BYTE;
}
