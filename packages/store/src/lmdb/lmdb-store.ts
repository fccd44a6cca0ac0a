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
  compareBytes,
  type Entry,
  type KeyValueStore,
  type Miss,
  type RangeOptions,
  type WriteOperation,
} from "@dunlin/core/base";
import { limited, ownBatch } from "../shared/batch.ts";
import { GroupCommit } from "../shared/group-commit.ts";
import { rangeOf, type Snapshot, SortedMap } from "../shared/sorted-map.ts";
import { type Database, readRange, readValue } from "./database.ts";

export interface LmdbStore extends KeyValueStore {
  /** Flushed groups so far. */
  readonly flushCount: number;
}

/** The last unflushed write to a key: a value, or none for a deletion. */
interface Pending {
  readonly value: Uint8Array | undefined;
}

/** The store over an open database, which it closes; `release` gives up the lock after that. */
export function createLmdbStore(database: Database, release: () => void): LmdbStore {
  return new OverlaidStore(database, release);
}

class OverlaidStore implements LmdbStore {
  readonly #database: Database;
  readonly #release: () => void;
  readonly #commits: GroupCommit = new GroupCommit(() => this.#flush());
  #overlay = new SortedMap<Pending>();
  #version = 0;
  #flushes = 0;
  #closing: Promise<void> | undefined;

  constructor(database: Database, release: () => void) {
    this.#database = database;
    this.#release = release;
  }

  get version(): number {
    return this.#version;
  }

  get flushCount(): number {
    return this.#flushes;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#commits.assertOpen();
    const pending = this.#overlay.size > 0 ? this.#overlay.get(key) : undefined;
    return pending === undefined ? readValue(this.#database, key) : pending.value;
  }

  range(options: RangeOptions): Iterable<Entry> {
    this.#commits.assertOpen();
    return this.#guardTurn(
      this.#overlay.size === 0
        ? readRange(this.#database, options)
        : limited(overlaid(this.#database, this.#overlay.snapshot(), options), options),
    );
  }

  commit(batch: readonly WriteOperation[]): Promise<void> {
    const owned = ownBatch(batch);
    const done = this.#commits.add(owned);
    if (!this.#commits.isOpen) return done;
    for (const operation of owned) {
      this.#overlay.set(operation.key, { value: operation.kind === "put" ? operation.value : undefined });
    }
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
  async #flush(): Promise<void> {
    const group = this.#overlay.snapshot();
    const version = this.#version;
    if (group.size > 0) await writeAll(this.#database, group);
    this.#flushes++;
    // The next read begins at the flushed version, so that nothing is missing when the overlay goes.
    this.#database.resetReadTxn();
    if (this.#version === version) this.#overlay = new SortedMap();
    else this.#dropFlushed(group);
  }

  /** Keeps what was committed during the flush. */
  #dropFlushed(group: Snapshot<Pending>): void {
    for (const [key, pending] of rangeOf(group, EVERYTHING)) {
      if (this.#overlay.get(key) === pending) this.#overlay.delete(key);
    }
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

const EVERYTHING = { gte: new Uint8Array(0), lt: new Uint8Array(4096).fill(255) };

async function writeAll(database: Database, group: Snapshot<Pending>): Promise<void> {
  try {
    const written = database.batch(() => {
      for (const [key, { value }] of rangeOf(group, EVERYTHING)) {
        // The promises of single writes are that of the batch.
        if (value === undefined) void database.remove(key);
        else void database.put(key, value);
      }
    });
    await written;
    await database.flushed;
  } catch (thrown) {
    throw await causeOf(thrown);
  }
}

/** lmdb-js hangs the real reason on its error as a promise that rejects. */
async function causeOf(thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof Error && "commitError" in thrown)) return thrown;
  try {
    await thrown.commitError;
    return thrown;
  } catch (reason) {
    return reason;
  }
}

/** Two sorted sequences merged: where both have a key, the overlay's entry counts, and its deletions hide the other. */
function* overlaid(database: Database, overlay: Snapshot<Pending>, options: RangeOptions): Generator<Entry> {
  const { gte, lt, reverse = false } = options;
  const sign = reverse ? -1 : 1;
  const above = rangeOf(overlay, { gte, lt, reverse });
  let next = above.next();
  for (const entry of readRange(database, { gte, lt, reverse })) {
    for (; next.done !== true && sign * compareBytes(next.value[0], entry[0]) < 0; next = above.next()) {
      yield* shown(next.value);
    }
    const isHidden = next.done !== true && compareBytes(next.value[0], entry[0]) === 0;
    if (!isHidden) yield entry;
  }
  for (; next.done !== true; next = above.next()) yield* shown(next.value);
}

function shown([key, { value }]: readonly [Uint8Array, Pending]): readonly Entry[] {
  return value === undefined ? [] : [[key, value]];
}
