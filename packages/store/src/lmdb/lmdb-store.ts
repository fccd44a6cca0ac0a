/**
 * The store on disk: LMDB behind the key-value port.
 *
 * Invariants: a commit's promise resolves after LMDB has synced the transaction that holds it (pages, `fdatasync`, then
 * the meta page through an `O_DSYNC` descriptor), so an acknowledged write survives a power cut; one group is one
 * transaction; reads see a batch from the moment that `commit` returns, through an overlay of what is not yet flushed.
 *
 *     read = overlay (committed, flush under way or to come) over LMDB's current read transaction
 *
 * Writes go through lmdb-js's asynchronous batch, which runs on a thread of its own: the flush does not block the turn.
 * Never through a callback transaction: those become asynchronous, and return early, when the callback returns a
 * promise, which `put` does.
 */
import {
  assert,
  type Entry,
  type KeyValueStore,
  type Miss,
  type RangeOptions,
  type StoreFailure,
  type WriteOperation,
} from "@dunlin/core/base";
import { limited, ownBatch } from "../shared/batch.ts";
import { type Batch, GroupCommit } from "../shared/group-commit.ts";
import { entriesOf, type Group, Overlay } from "../shared/overlay.ts";
import { causeOf, type Database, readRange, readValue, writeValue } from "./database.ts";
import { assertRoom } from "./room.ts";

export interface LmdbStore extends KeyValueStore {
  /** Flushed groups so far. */
  readonly flushCount: number;
  /** Resolves when a write did not reach the disk: the store takes no more, and must be opened again. */
  readonly failed: Promise<StoreFailure>;
}

/** The store over an open database of a directory, which it closes; `release` gives up the lock after that. */
export function createLmdbStore(directory: string, database: Database, release: () => void): LmdbStore {
  return new OverlaidStore(directory, database, release);
}

class OverlaidStore implements LmdbStore {
  readonly #directory: string;
  readonly #database: Database;
  readonly #release: () => void;
  readonly #commits: GroupCommit = new GroupCommit((group) => this.#flush(group));
  readonly #overlay = new Overlay();
  #version = 0;
  #flushes = 0;
  #closing: Promise<void> | undefined;

  constructor(directory: string, database: Database, release: () => void) {
    this.#directory = directory;
    this.#database = database;
    this.#release = release;
  }

  get version(): number {
    return this.#version;
  }

  get flushCount(): number {
    return this.#flushes;
  }

  get failed(): Promise<StoreFailure> {
    return this.#commits.failed;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#commits.assertOpen();
    const pending = this.#overlay.get(key);
    return pending === undefined ? readValue(this.#database, key) : pending.value;
  }

  range(options: RangeOptions): Iterable<Entry> {
    const { gte, lt, reverse = false } = options;
    this.#commits.assertOpen();
    return this.#guardTurn(
      this.#overlay.isEmpty
        ? readRange(this.#database, options)
        : limited(this.#overlay.over(readRange(this.#database, { gte, lt, reverse }), options), options),
    );
  }

  commit(batch: readonly WriteOperation[]): Promise<void> {
    const owned = ownBatch(batch);
    const done = this.#commits.add(owned);
    if (!this.#commits.isOpen) return done;
    this.#overlay.add(owned);
    this.#version++;
    return done;
  }

  load(_miss: Miss): Promise<void> {
    assert(false, "an LMDB store answers every read: it throws no Miss");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.close();
    await this.#database.close();
    this.#release();
  }

  /** Writes the overlay, which is the group: each key once, in order, whatever number of batches wrote it. */
  async #flush(batches: readonly Batch[]): Promise<void> {
    const group = this.#overlay.group();
    assertRoom(this.#directory, batches);
    if (group.size > 0) await writeAll(this.#database, group);
    this.#flushes++;
    // The next read begins at the flushed version, so that nothing is missing when the overlay goes.
    this.#database.resetReadTxn();
    this.#overlay.dropFlushed(group);
  }

  /** A range that outlives its turn could see half of a flush: a bug of its reader. */
  *#guardTurn(entries: Iterable<Entry>): Generator<Entry> {
    const begun = this.#flushes;
    for (const entry of entries) {
      assert(this.#flushes === begun, "a range is read to its end within the turn that began it");
      yield entry;
    }
  }
}

async function writeAll(database: Database, group: Group): Promise<void> {
  try {
    const written = database.batch(() => {
      for (const [key, { value }] of entriesOf(group)) writeValue(database, key, value);
    });
    await written;
    await database.flushed;
  } catch (thrown) {
    throw await causeOf(thrown);
  }
}
