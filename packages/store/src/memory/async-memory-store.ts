/**
 * A memory store that answers only for pages it has loaded, as a browser's does: every other read throws a `Miss`.
 *
 * A page is a range of keys that became readable by one load, with about `pageEntries` entries in it; pages never
 * overlap. The least recently read ones go when there are more than `pagesMax`, but none that was read since the load
 * before: a transaction that is run again reads its pages between two loads, so it always gets on. Writes need no page.
 */
import {
  compareBytes,
  concatBytes,
  type Entry,
  type KeyValueStore,
  Miss,
  type RangeOptions,
  type WriteOperation,
} from "@dunlin/core/base";
import { limited, take } from "../shared/batch.ts";
import { KEY_BYTES_MAX } from "../shared/limits.ts";
import { PAGE_ENTRIES, PAGES_MAX } from "./limits.ts";
import { createMemoryStore, type MemoryStore, type MemoryStoreImage, type MemoryStoreOptions } from "./memory-store.ts";

export interface AsyncMemoryStoreOptions extends MemoryStoreOptions {
  readonly pageEntries?: number;
  readonly pagesMax?: number;
  /** Resolves when a load has come back: a promise turn when left out. */
  readonly delay?: () => Promise<void>;
}

export interface AsyncMemoryStore extends KeyValueStore {
  image(): MemoryStoreImage;
  readonly loadedPageCount: number;
  /** Loads so far. */
  readonly loadCount: number;
}

export function createAsyncMemoryStore(options: AsyncMemoryStoreOptions = {}): AsyncMemoryStore {
  return new PagedStore(options);
}

/** The keys with `gte <= key < lt` are loaded. */
interface Page {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readAt: number;
}

/** Above every key. */
const TOP: Uint8Array = new Uint8Array(KEY_BYTES_MAX + 1).fill(255);

class PagedStore implements AsyncMemoryStore {
  readonly #disk: MemoryStore;
  readonly #pageEntries: number;
  readonly #pagesMax: number;
  readonly #delay: () => Promise<void>;
  /** Ascending. */
  #pages: Page[] = [];
  #now = 0;
  #loads = 0;
  #lastLoadAt = 0;

  constructor(options: AsyncMemoryStoreOptions) {
    this.#disk = createMemoryStore(options);
    this.#pageEntries = options.pageEntries ?? PAGE_ENTRIES;
    this.#pagesMax = options.pagesMax ?? PAGES_MAX;
    this.#delay = options.delay ?? (() => Promise.resolve());
  }

  get version(): number {
    return this.#disk.version;
  }

  get loadedPageCount(): number {
    return this.#pages.length;
  }

  get loadCount(): number {
    return this.#loads;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const value = this.#disk.get(key);
    const page = this.#pages.find(({ gte, lt }) => compareBytes(gte, key) <= 0 && compareBytes(key, lt) < 0);
    if (page === undefined) throw new Miss({ gte: key, lt: after(key) });
    page.readAt = ++this.#now;
    return value;
  }

  range(options: RangeOptions): Iterable<Entry> {
    const entries = this.#disk.range({ gte: options.gte, lt: options.lt, reverse: options.reverse === true });
    const guarded = options.reverse === true ? this.#guardDown(entries, options) : this.#guardUp(entries, options);
    return limited(guarded, options);
  }

  commit(batch: readonly WriteOperation[]): Promise<void> {
    return this.#disk.commit(batch);
  }

  async load(miss: Miss): Promise<void> {
    const loadAt = ++this.#now;
    await this.#delay();
    this.#loads++;
    this.#insert(this.#pageFor(miss.range));
    this.#evict();
    this.#lastLoadAt = loadAt;
  }

  image(): MemoryStoreImage {
    return this.#disk.image();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disk[Symbol.asyncDispose]();
  }

  /** Passes ascending entries on as far as pages reach, and throws the rest as a `Miss`. */
  *#guardUp(entries: Iterable<Entry>, options: RangeOptions): Generator<Entry> {
    let reach = options.gte;
    const advance = (): boolean => {
      const page = this.#pages.find(({ gte, lt }) => compareBytes(gte, reach) <= 0 && compareBytes(reach, lt) < 0);
      if (page === undefined) return false;
      page.readAt = ++this.#now;
      reach = page.lt;
      return true;
    };
    for (const entry of entries) {
      while (compareBytes(reach, entry[0]) <= 0) if (!advance()) throw new Miss({ ...options, gte: reach });
      yield entry;
    }
    while (compareBytes(reach, options.lt) < 0) if (!advance()) throw new Miss({ ...options, gte: reach });
  }

  /** The same, descending. */
  *#guardDown(entries: Iterable<Entry>, options: RangeOptions): Generator<Entry> {
    let reach = options.lt;
    const advance = (): boolean => {
      const page = this.#pages.find(({ gte, lt }) => compareBytes(gte, reach) < 0 && compareBytes(reach, lt) <= 0);
      if (page === undefined) return false;
      page.readAt = ++this.#now;
      reach = page.gte;
      return true;
    };
    for (const entry of entries) {
      while (compareBytes(entry[0], reach) < 0) if (!advance()) throw new Miss({ ...options, lt: reach });
      yield entry;
    }
    while (compareBytes(options.gte, reach) < 0) if (!advance()) throw new Miss({ ...options, lt: reach });
  }

  /** What one load brings in: all that was asked for, or its first part when it has a limit; never less than a page. */
  #pageFor(asked: RangeOptions): Page {
    const wanted = asked.limit === undefined ? Number.POSITIVE_INFINITY : Math.max(asked.limit, this.#pageEntries);
    const { gte, lt, reverse = false } = asked;
    const inside = [...take(this.#disk.range({ gte, lt, reverse }), wanted)];
    const last = inside.length < wanted ? undefined : inside.at(-1)?.[0];
    const readAt = ++this.#now;
    if (reverse) return { gte: last ?? gte, lt, readAt };
    if (last !== undefined) return { gte, lt: after(last), readAt };
    const limit = this.#pageEntries - inside.length;
    if (limit <= 0) return { gte, lt, readAt };
    const ahead = [...this.#disk.range({ gte: lt, lt: TOP, limit })].at(-1)?.[0];
    return { gte, lt: ahead === undefined ? lt : after(ahead), readAt };
  }

  /** Adds a page and cuts off what others had of it. */
  #insert(page: Page): void {
    if (compareBytes(page.gte, page.lt) >= 0) return;
    const kept = this.#pages.flatMap((other) => [
      { ...other, lt: least(other.lt, page.gte) },
      { ...other, gte: greatest(other.gte, page.lt) },
    ]);
    this.#pages = [...kept, page].filter(({ gte, lt }) => compareBytes(gte, lt) < 0);
    this.#pages.sort((a, b) => compareBytes(a.gte, b.gte));
  }

  #evict(): void {
    const surplus = this.#pages.length - this.#pagesMax;
    if (surplus <= 0) return;
    const old = this.#pages.filter(({ readAt }) => readAt < this.#lastLoadAt).sort((a, b) => a.readAt - b.readAt);
    const gone = new Set(old.slice(0, surplus));
    this.#pages = this.#pages.filter((page) => !gone.has(page));
  }
}

/** The least key greater than this one. */
function after(key: Uint8Array): Uint8Array {
  return concatBytes(key, Uint8Array.of(0));
}

function least(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareBytes(a, b) < 0 ? a : b;
}

function greatest(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareBytes(a, b) > 0 ? a : b;
}
