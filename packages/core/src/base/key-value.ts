/**
 * The ordered key-value store port.
 *
 * Keys are bytes in unsigned lexicographic order. Reads are synchronous against what is loaded, because the sandbox
 * and every hot path need them so; a store that cannot answer at once (a browser's) throws a typed `Miss` from the
 * read. Whoever runs a transaction catches it (`runLoaded` below), loads what it names and runs the whole transaction
 * again: a transaction therefore has no effect before its last read, and reads at one version throughout.
 *
 * Writes are batches: atomic, ordered as committed, and durable when the promise resolves. Batches that are committed
 * while a flush is under way share the next one.
 *
 * Keys have 1 to 1900 bytes and are not the single byte 0, which is the store's own; values have up to 8 MiB.
 */
export interface ReadView {
  /** The value, as bytes that the caller must not change and must copy to keep beyond the current turn. */
  get(key: Uint8Array): Uint8Array | undefined;
  /**
   * Entries with `gte <= key < lt` in order, or in reverse, as they were when the range was made. Iterated once, and to
   * its end or a break within the turn. The same rule for bytes holds.
   */
  range(options: RangeOptions): Iterable<Entry>;
}

export interface RangeOptions {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export type Entry = readonly [key: Uint8Array, value: Uint8Array];

export type WriteOperation =
  | { readonly kind: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly key: Uint8Array };

export interface KeyValueStore extends ReadView, AsyncDisposable {
  /**
   * Commits all or nothing; resolves once it is flushed to the device. Reads see the batch from the moment that
   * `commit` returns. Rejects with a `StoreFailure` when the flush fails: the store then refuses further commits and
   * must be opened again. The bytes are the store's from then on, except that views of larger buffers are copied
   * unless they are packed (`packed.ts`).
   */
  commit(batch: readonly WriteOperation[]): Promise<void>;
  /** Loads what a `Miss` of this store names. Never called by a store whose reads always answer. */
  load(miss: Miss): Promise<void>;
  /** Changes whenever a loaded page may have changed under a reader: a rerun compares it. */
  readonly version: number;
  /** Present when several may have the store open at once, as the tabs of a browser do. */
  readonly turns?: Turns;
}

/**
 * Taking turns at a store that several have open. Whoever derives what it writes from what it has read does so within a
 * turn of its own: nobody else's commits come between.
 */
export interface Turns {
  /**
   * Resolves when the turn is this opener's: reads show all that others committed, and nobody else commits until it is
   * left. Entered many times, it lasts until it was left as often. Rejects when the store is closed or cannot go on.
   */
  enter(): Promise<void>;
  leave(): void;
  /** Calls back in the moment in which reads begin to show what others committed. Returns how to stop. */
  onNews(listener: () => void): () => void;
}

/** Thrown by a read of something that is not loaded: not an error but a request to load and run again. */
export class Miss {
  readonly range: RangeOptions;
  constructor(range: RangeOptions) {
    this.range = range;
  }
}

/** A store that cannot go on: its code says why, its message what to do. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
  readonly code: StoreFailureCode;
  constructor(code: StoreFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type StoreFailureCode =
  /** Another process holds the store. */
  | "STORE_LOCKED"
  /** The files are damaged or are not a store. */
  | "STORE_CORRUPT"
  /** Written by a newer version of this program. */
  | "STORE_NEWER"
  /** Written by an older version of this program: opened for writing it is brought up to date. */
  | "STORE_OLDER"
  /** A write or flush failed: disk full, device error. */
  | "STORE_WRITE_FAILED"
  /** The browser gives this site no more room: free some, or ask the user to let it keep more, then open again. */
  | "STORE_FULL"
  /** The browser's data of this site was cleared, or another tab deleted the store: what was not synced is lost. */
  | "STORE_GONE"
  /** Another tab holds the store open in a way that keeps this from going on: close that tab, then try again. */
  | "STORE_BLOCKED"
  /** There is no such store here: a browser without IndexedDB, or one that denies it to this page. */
  | "STORE_UNAVAILABLE"
  /** Used after it was closed or after a failed flush. */
  | "STORE_CLOSED";

const RERUNS_MAX = 1000;

/**
 * Runs a transaction to its end, loading what it misses and running it again each time. `transaction` must be pure up
 * to its last read. At once, and without a promise, when nothing is missing.
 */
export function runLoaded<T>(store: Pick<KeyValueStore, "load">, transaction: () => T): T | Promise<T> {
  try {
    return transaction();
  } catch (thrown) {
    if (!(thrown instanceof Miss)) throw thrown;
    return rerun(store, transaction, thrown);
  }
}

async function rerun<T>(store: Pick<KeyValueStore, "load">, transaction: () => T, first: Miss): Promise<T> {
  let miss = first;
  for (let runs = 0; runs < RERUNS_MAX; runs++) {
    await store.load(miss);
    try {
      return transaction();
    } catch (thrown) {
      if (!(thrown instanceof Miss)) throw thrown;
      miss = thrown;
    }
  }
  throw new Error(`a transaction missed ${RERUNS_MAX} times in a row: its pages do not stay loaded`);
}
