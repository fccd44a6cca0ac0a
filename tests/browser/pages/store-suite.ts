/** The acceptance suite of the key-value store port, over IndexedDB, case by case. */
import type { IndexedDbStore } from "@dunlin/store/indexeddb";
import { deleteIndexedDbStore, openIndexedDbStore } from "@dunlin/store/indexeddb";
import type { StoreUnderTest } from "@dunlin/store/testing";
import { collectCases } from "../support/suite-cases.ts";

let stores = 0;

/** Runs one case; throws what it throws. */
export async function runCase(cacheBytesMax: number, name: string): Promise<void> {
  const cases = collectCases(() => underTest(cacheBytesMax));
  const body = cases.get(name);
  if (body === undefined) throw new Error(`there is no case ${name}`);
  await body();
}

async function underTest(cacheBytesMax: number): Promise<StoreUnderTest> {
  const name = `suite-${stores++}`;
  const open = (): Promise<IndexedDbStore> =>
    openIndexedDbStore(name, { cacheBytesMax, compression: cacheBytesMax > 0 ? "none" : "deflate" });
  const store = await open();
  const other = await openRaw(`dunlin:${name}`);
  const faults = new AbortController();
  return {
    store,
    flushCount: () => store.flushCount,
    holdFlushes: () => hold(other),
    failFlushes: () => failCommits(faults.signal),
    reopen: async () => {
      faults.abort();
      await store[Symbol.asyncDispose]();
      return open();
    },
    cleanUp: async () => {
      faults.abort();
      other.close();
      await deleteIndexedDbStore(name);
    },
  };
}

function openRaw(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Another tab's transaction, which goes on until it is released: the store's own waits behind it. */
function hold(database: IDBDatabase): () => void {
  const pages = database.transaction("pages", "readwrite").objectStore("pages");
  let isHeld = true;
  const spin = (): void => {
    if (isHeld) pages.count().onsuccess = spin;
  };
  spin();
  return () => {
    isHeld = false;
  };
}

/** A disk that fails: from now on transactions end without a commit. */
function failCommits(until: AbortSignal): void {
  const { commit } = IDBTransaction.prototype;
  IDBTransaction.prototype.commit = function () {
    this.abort();
  };
  until.addEventListener("abort", () => {
    IDBTransaction.prototype.commit = commit;
  });
}
