/** Opens and deletes stores of this page's origin, and asks the browser to keep them. */
import { StoreFailure } from "@dunlin/core/base";
import { platformCompression } from "@dunlin/core/platform";
import { databaseName, openDatabase } from "./database.ts";
import { createIndexedDbStore, type IndexedDbStore } from "./indexeddb-store.ts";
import { BLOCKED_WAIT_MS, CACHE_BYTES_DEFAULT } from "./limits.ts";
import { failureOf } from "./requests.ts";

export interface IndexedDbStoreOptions {
  /** Bytes of pages that are kept loaded. */
  readonly cacheBytesMax?: number;
  /**
   * Whether pages are compressed as they are written: less of the browser's quota, for some milliseconds per commit.
   * "none" unless said; pages of both kinds are read.
   */
  readonly compression?: "none" | "deflate";
  /** Refuses with `STORE_GONE` to make a new store: for a page that knows there was one. */
  readonly mustExist?: boolean;
  /** Ends the wait for another tab. */
  readonly signal?: AbortSignal;
}

/**
 * Rejects with a `StoreFailure`: `STORE_UNAVAILABLE`, `STORE_NEWER`, `STORE_BLOCKED`, `STORE_GONE`, `STORE_CORRUPT`,
 * `STORE_FULL` or `STORE_WRITE_FAILED`. Never falls back to a store that forgets.
 */
export async function openIndexedDbStore(name: string, options: IndexedDbStoreOptions = {}): Promise<IndexedDbStore> {
  const database = await openDatabase({ name, mustExist: options.mustExist === true, signal: options.signal });
  const compression = options.compression === "deflate" ? platformCompression() : undefined;
  return createIndexedDbStore(database, { cacheBytesMax: options.cacheBytesMax ?? CACHE_BYTES_DEFAULT, compression });
}

/** Deletes a store with all that is in it. Tabs that have it open lose it: their uses end in `STORE_GONE`. */
export function deleteIndexedDbStore(name: string): Promise<void> {
  const doing = `deleting the store ${name}`;
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(databaseName(name));
    const failure = new StoreFailure("STORE_BLOCKED", `${doing}: another tab does not let go of it`);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(failureOf(request.error, doing));
    request.onblocked = () => setTimeout(() => reject(failure), BLOCKED_WAIT_MS);
  });
}
