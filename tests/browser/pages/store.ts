/** A store in a tab, and what a test does to it there. */
import { Miss, runLoaded, StoreFailure, type WriteOperation } from "@dunlin/core/base";
import {
  deleteIndexedDbStore,
  type IndexedDbStore,
  type IndexedDbStoreOptions,
  openIndexedDbStore,
  requestPersistence,
  type StorageHealth,
  storageHealth,
} from "@dunlin/store/indexeddb";

const NAME = "store";
let store: IndexedDbStore;

/** The code of the failure that a use of the store ends in; undefined when it ends well. */
export async function codeOf(
  use: "open" | "openExisting" | "commit" | "fill" | "get" | "delete",
): Promise<string | undefined> {
  const uses = {
    open: () => open(),
    openExisting: () => open({ mustExist: true }),
    commit: () => put(1),
    fill: () => put(2, 100, 10_000),
    get: () => get(1),
    delete: () => deleteIndexedDbStore(NAME),
  };
  try {
    await uses[use]();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof StoreFailure) return thrown.code;
    throw thrown;
  }
}

export async function open(options: IndexedDbStoreOptions = {}): Promise<void> {
  store = await openIndexedDbStore(NAME, options);
}

export async function close(): Promise<void> {
  await store[Symbol.asyncDispose]();
}

/** Rows `from` up to `from + count`, in one commit. */
export async function put(from: number, count = 1, bytesEach = 100): Promise<void> {
  await store.commit(
    Array.from({ length: count }, (_, i): WriteOperation => {
      const value = new Uint8Array(bytesEach);
      new DataView(value.buffer).setUint32(0, from + i);
      return { kind: "put", key: keyOf(from + i), value };
    }),
  );
}

export async function get(row: number): Promise<number | undefined> {
  const value = await runLoaded(store, () => store.get(keyOf(row)));
  return value && new DataView(value.buffer, value.byteOffset).getUint32(0);
}

/** The rows there are, in pages of a thousand. */
export async function rows(): Promise<number[]> {
  const all: number[] = [];
  for (let gte = keyOf(0); ; ) {
    const page = await runLoaded(store, () => [...store.range({ gte, lt: keyOf(0xffff_ffff), limit: 1000 })]);
    for (const [key] of page) all.push(new DataView(key.buffer, key.byteOffset).getUint32(1));
    const last = all.at(-1);
    if (page.length < 1000 || last === undefined) return all;
    gte = keyOf(last + 1);
  }
}

/** No message of another tab comes here any more, as in one that was frozen. */
export function deafen(): void {
  Object.defineProperty(BroadcastChannel.prototype, "onmessage", { set() {} });
}

export function refresh(): Promise<boolean> {
  return store.refresh();
}

export interface Counts {
  readonly pages: number;
  readonly loaded: number;
  readonly loadedBytes: number;
  readonly loads: number;
}

export function counts(): Counts {
  const { pageCount, loadedPageCount, loadedBytes, loadCount } = store;
  return { pages: pageCount, loaded: loadedPageCount, loadedBytes, loads: loadCount };
}

/** Reads a row many times at once, each of which misses. */
export async function getAtOnce(row: number, times: number): Promise<number> {
  let misses = 0;
  const one = async (): Promise<void> => {
    try {
      store.get(keyOf(row));
    } catch (thrown) {
      if (!(thrown instanceof Miss)) throw thrown;
      misses++;
      await store.load(thrown);
    }
    store.get(keyOf(row));
  };
  await Promise.all(Array.from({ length: times }, one));
  return misses;
}

/** The durability of each transaction that writes, from now on. */
export function watchDurability(): () => string[] {
  const seen: string[] = [];
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (...args) {
    const made = transaction.apply(this, args);
    if (made.mode === "readwrite") seen.push(made.durability);
    return made;
  };
  return () => seen;
}

/** Ways in which the database is not what the store left, made behind its back. */
export async function tamper(how: "newer" | "foreign" | "damaged" | "held"): Promise<void> {
  const database = await openRaw(how === "newer" ? 99 : undefined);
  // Somebody who does not let go when asked.
  if (how === "held") return;
  if (how === "damaged") {
    const transaction = database.transaction("pages", "readwrite");
    const pages = transaction.objectStore("pages");
    pages.openCursor().onsuccess = ({ target }) => {
      (target as IDBRequest<IDBCursorWithValue>).result.update(Uint8Array.of(1, 0, 9, 9));
    };
    await new Promise((resolve) => {
      transaction.oncomplete = resolve;
    });
  }
  database.close();
}

export async function health(): Promise<StorageHealth & { readonly answer: boolean | undefined }> {
  return { answer: await requestPersistence(), ...(await storageHealth()) };
}

/** A commit after the other, told of as each is acknowledged, until the tab is gone. */
export async function writeForever(from: number): Promise<void> {
  for (let row = from; ; row += 20) {
    await put(row, 20);
    await (globalThis as unknown as { acknowledged(row: number): Promise<void> }).acknowledged(row + 20);
  }
}

function keyOf(row: number): Uint8Array {
  const key = new Uint8Array(5);
  key[0] = 7;
  new DataView(key.buffer).setUint32(1, row);
  return key;
}

function openRaw(version: number | undefined): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`dunlin:${NAME}`, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
