/**
 * The store in a browser: pages in IndexedDB behind the key-value port, safe for several tabs.
 *
 * Invariants: a commit's promise resolves after a transaction with strict durability; one group is one transaction;
 * reads see a batch from the moment that `commit` returns; a read never mixes pages of two versions, since whatever is
 * loaded takes in what other tabs committed first. IndexedDB starts a transaction after those before it on the same
 * rows have ended, so what a load finds is what the last flush left.
 *
 *     read = overlay (committed, flush under way or to come) over loaded pages; else a `Miss`
 *
 * There is no fallback: when the browser clears the data or has no room, every use ends in a `StoreFailure`.
 */
import {
  type AsyncCompression,
  compareBytes,
  concatBytes,
  type Entry,
  type KeyValueStore,
  Miss,
  must,
  type RangeOptions,
  StoreFailure,
  type Turns,
  type WriteOperation,
} from "@dunlin/core/base";
import { limited, ownBatch } from "../shared/batch.ts";
import { GroupCommit } from "../shared/group-commit.ts";
import { type Group, Overlay } from "../shared/overlay.ts";
import { type News, readPages, writePages } from "./database.ts";
import { Directory, type Slot } from "./directory.ts";
import { PAGES_PER_READ } from "./limits.ts";
import { decodePage, findIn, keyAt, lowerBound, valueAt } from "./page.ts";
import { planFlush } from "./plan-flush.ts";
import { failureOf } from "./requests.ts";
import { packPage, unpackPage } from "./stored-page.ts";
import { TabTurns } from "./tab-turns.ts";

export interface IndexedDbStore extends KeyValueStore {
  readonly pageCount: number;
  readonly loadedPageCount: number;
  readonly loadedBytes: number;
  /** Transactions that read pages, so far. */
  readonly loadCount: number;
  /** Flushed groups so far. */
  readonly flushCount: number;
  /** Turns among the tabs that have it open. A commit outside of one is safe too: rows of others stay. */
  readonly turns: Turns;
  /** Takes in what other tabs have committed; true when there was something. */
  refresh(): Promise<boolean>;
}

export interface PagedOptions {
  readonly cacheBytesMax: number;
  /** Of pages that are written from now on. */
  readonly compression: AsyncCompression | undefined;
}

/** The store over an open database, which it closes. Reads the directory, and no page. */
export async function createIndexedDbStore(database: IDBDatabase, options: PagedOptions): Promise<IndexedDbStore> {
  const store = new PagedStore(database, options);
  try {
    await store.refresh();
  } catch (thrown) {
    await store[Symbol.asyncDispose]();
    throw thrown;
  }
  return store;
}

class PagedStore implements IndexedDbStore {
  readonly #database: IDBDatabase;
  readonly #options: PagedOptions;
  readonly #commits: GroupCommit = new GroupCommit(() => this.#flush());
  readonly #overlay = new Overlay();
  readonly #directory = new Directory();
  readonly #turns: TabTurns;
  readonly #loading = new Map<string, Promise<void>>();
  /** The commit that the directory is of; before the first look at the database -1. */
  #generation = -1;
  /** How often other tabs were found to have committed. */
  #newsTaken = 0;
  #version = 0;
  #flushes = 0;
  #loads = 0;
  #keepFrom = 0;
  #lost: StoreFailure | undefined;
  #closing: Promise<void> | undefined;

  constructor(database: IDBDatabase, options: PagedOptions) {
    this.#database = database;
    this.#options = options;
    this.#turns = new TabTurns({ name: database.name, refresh: () => this.refresh() });
    database.onversionchange = ({ newVersion }) => {
      database.close();
      this.#lose(newVersion === null ? gone("another tab deleted it") : superseded());
    };
    database.onclose = () => this.#lose(gone("the browser cleared its data"));
  }

  get turns(): Turns {
    return this.#turns;
  }

  get version(): number {
    return this.#version;
  }

  get pageCount(): number {
    return this.#directory.size;
  }

  get loadedPageCount(): number {
    return this.#directory.loadedCount;
  }

  get loadedBytes(): number {
    return this.#directory.loadedBytes;
  }

  get loadCount(): number {
    return this.#loads;
  }

  get flushCount(): number {
    return this.#flushes;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#assertUsable();
    const pending = this.#overlay.get(key);
    if (pending !== undefined) return pending.value;
    const slot = this.#directory.at(this.#directory.indexOf(key));
    if (slot === undefined) return undefined;
    const page = this.#directory.read(slot);
    if (page === undefined) throw new Miss({ gte: key, lt: after(key), limit: 1 });
    return findIn(page, key);
  }

  range(options: RangeOptions): Iterable<Entry> {
    this.#assertUsable();
    const below = options.reverse === true ? this.#descend(options) : this.#ascend(options);
    return limited(this.#overlay.over(below, options), options);
  }

  commit(batch: readonly WriteOperation[]): Promise<void> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const owned = ownBatch(batch);
    const done = this.#commits.add(owned);
    if (!this.#commits.isOpen) return done;
    this.#overlay.add(owned);
    this.#version++;
    return done;
  }

  async load({ range }: Miss): Promise<void> {
    this.#assertUsable();
    const [gte, lt] = [this.#directory.indexOf(range.gte), this.#directory.indexOf(range.lt)];
    let bounds = this.#absent(Math.max(gte, 0), lt);
    if (range.reverse === true) bounds.reverse();
    if (range.limit === undefined) return this.#loadAll(bounds);
    // Enough pages for the limit: how many rows a page has is known when it is here.
    for (let rows = 0; bounds.length > 0 && rows < range.limit; ) {
      const some = bounds.slice(0, range.limit === 1 ? 1 : PAGES_PER_READ);
      await this.#loadAll(some);
      bounds = bounds.slice(some.length);
      for (const bound of some) rows += this.#directory.at(this.#directory.indexOf(bound))?.page?.count ?? 0;
    }
  }

  async refresh(): Promise<boolean> {
    this.#assertUsable();
    const before = this.#generation;
    await this.#read([]);
    return this.#generation !== before;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.close();
    this.#turns.close(new StoreFailure("STORE_CLOSED", "the store is closed"));
    this.#database.close();
  }

  #lose(failure: StoreFailure): void {
    if (this.#lost !== undefined) return;
    this.#lost = failure;
    this.#turns.close(failure);
  }

  #assertUsable(): void {
    this.#commits.assertOpen();
    if (this.#lost !== undefined) throw this.#lost;
  }

  *#ascend(options: RangeOptions): Generator<Entry> {
    const { gte, lt } = options;
    if (compareBytes(gte, lt) >= 0) return;
    for (let index = Math.max(this.#directory.indexOf(gte), 0); ; index++) {
      const slot = this.#directory.at(index);
      if (slot === undefined || compareBytes(slot.bound, lt) >= 0) return;
      const page = this.#directory.read(slot);
      if (page === undefined) throw new Miss({ ...options, gte: greatest(gte, slot.bound) });
      const end = lowerBound(page, lt);
      for (let i = lowerBound(page, gte); i < end; i++) yield [keyAt(page, i), valueAt(page, i)];
    }
  }

  *#descend(options: RangeOptions): Generator<Entry> {
    const { gte, lt } = options;
    if (compareBytes(gte, lt) >= 0) return;
    let reach = lt;
    for (let index = this.#directory.indexOf(lt); ; index--) {
      const slot = this.#directory.at(index);
      if (slot === undefined || compareBytes(reach, gte) <= 0) return;
      const page = this.#directory.read(slot);
      if (page === undefined) throw new Miss({ ...options, lt: reach });
      const begin = lowerBound(page, gte);
      for (let i = lowerBound(page, lt) - 1; i >= begin; i--) yield [keyAt(page, i), valueAt(page, i)];
      reach = slot.bound;
    }
  }

  /** The bounds of the pages from one index to another, both included, that are not loaded. */
  #absent(from: number, to: number): Uint8Array[] {
    const bounds: Uint8Array[] = [];
    for (let index = from; index <= to; index++) {
      const slot = this.#directory.at(index);
      if (slot !== undefined && slot.page === undefined) bounds.push(slot.bound);
    }
    return bounds;
  }

  /** Loads pages, each once however many ask for it at a time. */
  async #loadAll(bounds: readonly Uint8Array[]): Promise<void> {
    const names = bounds.map(String);
    const fresh = bounds.filter((_, i) => !this.#loading.has(names[i] as string));
    if (fresh.length > 0) {
      const reading = this.#readAndKeep(fresh);
      for (const bound of fresh) this.#loading.set(String(bound), reading);
    }
    await Promise.all(new Set(names.map((name) => this.#loading.get(name))));
  }

  async #readAndKeep(bounds: readonly Uint8Array[]): Promise<void> {
    const begun = this.#directory.now;
    try {
      await this.#read(bounds);
      this.#loads++;
    } finally {
      for (const bound of bounds) this.#loading.delete(String(bound));
    }
    // While others load, their transactions still count on what they have read.
    if (this.#loading.size > 0) return;
    this.#evict();
    this.#keepFrom = begun;
  }

  #evict(): void {
    this.#directory.evict(this.#options.cacheBytesMax, this.#keepFrom);
  }

  /** Takes in what other tabs committed, and then those of the pages that are still there. */
  async #read(bounds: readonly Uint8Array[]): Promise<void> {
    try {
      let newsTaken = 0;
      const found = await readPages(this.#database, this.#generation, (news) => {
        this.#take(news);
        newsTaken = this.#newsTaken;
        return bounds.filter((bound) => this.#slotOf(bound) !== undefined);
      });
      const pages = await Promise.all(found.map(async ([bound, stored]) => [bound, await unpackPage(stored)] as const));
      // While they were unpacked another load has seen a later commit: these pages may be of the one before.
      if (newsTaken !== this.#newsTaken) return await this.#read(bounds);
      for (const [bound, page] of pages) {
        const slot = this.#slotOf(bound);
        if (slot === undefined) continue;
        this.#directory.set(bound, page);
        this.#directory.read(slot);
      }
    } catch (thrown) {
      throw this.#lost ?? failureOf(thrown, "reading the browser's store");
    }
  }

  #slotOf(bound: Uint8Array): Slot | undefined {
    const slot = this.#directory.at(this.#directory.indexOf(bound));
    return slot !== undefined && compareBytes(slot.bound, bound) === 0 ? slot : undefined;
  }

  #take(news: News): void {
    if (news.kind === "none") return;
    if (news.kind === "all") this.#directory.reset(news.bounds);
    else {
      for (const { written, removed } of news.changes) {
        for (const bound of removed) this.#directory.remove(bound);
        for (const bound of written) this.#directory.set(bound, undefined);
      }
    }
    this.#newsTaken++;
    const isFirst = this.#generation < 0;
    this.#generation = news.generation;
    this.#version++;
    if (!isFirst) this.#turns.tell();
  }

  async #flush(): Promise<void> {
    const group = this.#overlay.group();
    try {
      if (group.size > 0) while (!(await this.#tryFlush(group)));
    } catch (thrown) {
      throw this.#lost ?? failureOf(thrown, "writing to the browser's store");
    }
    this.#flushes++;
    this.#overlay.dropFlushed(group);
    this.#evict();
    this.#turns.announce();
  }

  /** Plans and writes; false when it must be planned again, on pages that were missing or that another tab changed. */
  async #tryFlush(group: Group): Promise<boolean> {
    const plan = planFlush(this.#directory, group);
    if (plan.kind === "missing") {
      await this.#loadAll(plan.bounds);
      return false;
    }
    const { written, removed } = plan;
    if (written.length + removed.length === 0) return true;
    const generation = this.#generation;
    const { compression } = this.#options;
    const packed = written.map(async ({ bound, bytes }) => ({ bound, bytes: await packPage(bytes, compression) }));
    if (!(await writePages(this.#database, generation, await Promise.all(packed), removed))) {
      await this.#read([]);
      return false;
    }
    // Unless a load has seen a later commit of another tab already.
    if (this.#generation > generation + 1) return true;
    for (const bound of removed) this.#directory.remove(bound);
    for (const { bound, bytes } of written)
      this.#directory.set(bound, must(decodePage(bytes), "a page that was made here"));
    this.#generation = generation + 1;
    return true;
  }
}

function gone(why: string): StoreFailure {
  return new StoreFailure("STORE_GONE", `the browser's store is gone: ${why}`);
}

function superseded(): StoreFailure {
  return new StoreFailure("STORE_NEWER", "another tab runs a newer version of this program: reload this page");
}

/** The least key greater than this one. */
function after(key: Uint8Array): Uint8Array {
  return concatBytes(key, Uint8Array.of(0));
}

function greatest(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareBytes(a, b) > 0 ? a : b;
}
