/**
 * A store in memory: for tests, for the simulator, and for nodes that need not remember.
 *
 * Its durability is a model of a disk's: `flush` decides when a group has reached it, and `crash` gives the image that
 * a restart would find, with the batches that no flush covered lost from the end. What these have changed is kept to be
 * taken back, so that a commit copies no part of the tree; an image shares its nodes.
 *
 * Values are given out as they are stored: they must not be changed, and stay as they are for as long as they are kept.
 */
import {
  assert,
  type Entry,
  type KeyValueStore,
  type Miss,
  type RangeOptions,
  type WriteOperation,
} from "@dunlin/core/base";
import { limited, ownBatch } from "../shared/batch.ts";
import { type Batch, GroupCommit } from "../shared/group-commit.ts";
import { type Snapshot, SortedMap } from "../shared/sorted-map.ts";

/** What a disk would hold. It never changes, and any number of stores can be opened from it. */
export interface MemoryStoreImage {
  readonly entries: Snapshot<Uint8Array>;
}

export interface MemoryStoreOptions {
  /** What the store holds at first. Empty when left out. */
  readonly image?: MemoryStoreImage;
  /** Resolves when a group is on the disk; a rejection is a failed disk. At once when left out. */
  readonly flush?: () => Promise<void>;
}

export interface MemoryStore extends KeyValueStore {
  /** What has been flushed. */
  image(): MemoryStoreImage;
  /**
   * Ends the store as a crash would: commits in flight are never settled. The first `survivingBatches` of those that
   * no flush covered happened to reach the disk all the same, those of a flush that failed too: unacknowledged is not
   * the same as lost.
   */
  crash(survivingBatches?: number): MemoryStoreImage;
  /** Batches that no flush has covered: of a failed one nobody knows whether they are on the disk. */
  readonly unflushedCount: number;
}

export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  return new SortedMapStore(options);
}

/** A batch, and what its keys held before it, in the order in which it wrote them. */
interface Undo {
  readonly batch: Batch;
  readonly before: readonly (Uint8Array | undefined)[];
}

class SortedMapStore implements MemoryStore {
  readonly #entries: SortedMap<Uint8Array>;
  readonly #commits: GroupCommit;
  /** Of the batches that no flush has covered, in order. */
  readonly #undo: Undo[] = [];
  #version = 0;

  constructor({ image, flush = () => Promise.resolve() }: MemoryStoreOptions) {
    this.#entries = new SortedMap(image?.entries);
    this.#commits = new GroupCommit(async (group) => {
      await flush();
      this.#undo.splice(0, group.length);
    });
  }

  get version(): number {
    return this.#version;
  }

  get unflushedCount(): number {
    return this.#undo.length;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#commits.assertOpen();
    return this.#entries.get(key);
  }

  range(options: RangeOptions): Iterable<Entry> {
    this.#commits.assertOpen();
    return limited(this.#entries.range(options), options);
  }

  commit(batch: readonly WriteOperation[]): Promise<void> {
    const owned = ownBatch(batch);
    const done = this.#commits.add(owned);
    if (this.#commits.isOpen) {
      this.#undo.push(apply(this.#entries, owned));
      this.#version++;
    }
    return done;
  }

  load(_miss: Miss): Promise<void> {
    assert(false, "a memory store holds everything: it throws no Miss");
  }

  image(): MemoryStoreImage {
    return { entries: this.#flushed().snapshot() };
  }

  crash(survivingBatches = 0): MemoryStoreImage {
    const survived = this.#flushed();
    for (const { batch } of this.#undo.slice(0, survivingBatches)) apply(survived, batch);
    this.#commits.abandon();
    return { entries: survived.snapshot() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commits.close();
  }

  #flushed(): SortedMap<Uint8Array> {
    const entries = new SortedMap(this.#entries.snapshot());
    for (const undo of this.#undo.toReversed()) takeBack(entries, undo);
    return entries;
  }
}

function apply(entries: SortedMap<Uint8Array>, batch: Batch): Undo {
  const before = new Array<Uint8Array | undefined>(batch.length);
  for (let i = 0; i < batch.length; i++) {
    const operation = batch[i] as WriteOperation;
    if (operation.kind === "put") before[i] = entries.set(operation.key, operation.value);
    else {
      before[i] = entries.get(operation.key);
      entries.delete(operation.key);
    }
  }
  return { batch, before };
}

function takeBack(entries: SortedMap<Uint8Array>, { batch, before }: Undo): void {
  for (let i = batch.length - 1; i >= 0; i--) {
    const { key } = batch[i] as WriteOperation;
    const value = before[i];
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
  }
}
