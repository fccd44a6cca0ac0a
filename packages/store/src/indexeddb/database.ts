/**
 * One IndexedDB database as the home of pages: its layout, its versions, and the two transactions that there are.
 *
 *     "pages"    bound (bytes) -> page (bytes); the keys alone are the directory
 *     "state"    "generation"  -> how many commits there were
 *     "changes"  generation    -> { written, removed }: the bounds of the pages that the commit changed
 *
 * A commit is one readwrite transaction with strict durability. Invariant: it happens only on the generation that it
 * was planned on, so two tabs never overwrite each other's pages; whoever is late plans again.
 */
import { StoreFailure } from "@dunlin/core/base";
import { BLOCKED_WAIT_MS, CHANGES_KEPT } from "./limits.ts";
import type { PageWrite } from "./plan-flush.ts";
import { completed, failureOf, resultOf } from "./requests.ts";

/** The layout above. A newer one is refused; an older one is upgraded step by step in `upgrade`. */
export const FORMAT_VERSION = 1;
const STORES = ["pages", "state", "changes"] as const;

export interface Change {
  readonly written: readonly Uint8Array[];
  readonly removed: readonly Uint8Array[];
}

/** What other tabs did since a generation: the changes, or all bounds when those are not on record any more. */
export type News =
  | { readonly kind: "none" }
  | { readonly kind: "changes"; readonly generation: number; readonly changes: readonly Change[] }
  | { readonly kind: "all"; readonly generation: number; readonly bounds: readonly Uint8Array[] };

export interface OpenOptions {
  readonly name: string;
  /** Refuses to make a new one: where there was one, its data was cleared. */
  readonly mustExist: boolean;
  /** Ends the wait, which another tab can make long. */
  readonly signal: AbortSignal | undefined;
}

/** What this program's databases are called, so that they never meet those of others on the same origin. */
export function databaseName(name: string): string {
  return `dunlin:${name}`;
}

export function openDatabase({ name, mustExist, signal }: OpenOptions): Promise<IDBDatabase> {
  const doing = `opening the store ${name}`;
  return new Promise((resolve, reject) => {
    let isSettled = false;
    const fail = (reason: unknown): void => {
      if (isSettled) return;
      isSettled = true;
      reject(reason);
    };
    signal?.throwIfAborted();
    signal?.addEventListener("abort", () => fail(signal.reason), { once: true });
    const request = requestOpen(databaseName(name), doing);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion === 0 && mustExist) {
        request.transaction?.abort();
        fail(new StoreFailure("STORE_GONE", `${doing}: it is not there; the browser's data of this site was cleared`));
      } else upgrade(request.result, oldVersion);
    };
    request.onblocked = () => {
      const message = `${doing}: another tab has an older version of it open; close that tab`;
      setTimeout(() => fail(new StoreFailure("STORE_BLOCKED", message)), BLOCKED_WAIT_MS);
    };
    request.onerror = () => fail(failureOf(request.error, doing));
    request.onsuccess = () => {
      const database = request.result;
      if (isSettled) return database.close();
      if (STORES.every((store) => database.objectStoreNames.contains(store))) {
        isSettled = true;
        return resolve(database);
      }
      database.close();
      fail(new StoreFailure("STORE_CORRUPT", `${doing}: the database of this name is not a store`));
    };
  });
}

/** What changed since `seen`, and what `read` wants of the same version. */
export async function readPages(
  database: IDBDatabase,
  seen: number,
  read: (news: News) => readonly Uint8Array[],
): Promise<readonly (readonly [bound: Uint8Array, bytes: unknown])[]> {
  const transaction = database.transaction(STORES, "readonly");
  const bounds = read(await newsSince(transaction, seen));
  const pages = transaction.objectStore("pages");
  return Promise.all(bounds.map(async (bound) => [bound, await resultOf(pages.get(keyOf(bound)))] as const));
}

/** Commits pages on top of `generation`, all or nothing; false when another tab has committed since. */
export async function writePages(
  database: IDBDatabase,
  generation: number,
  written: readonly PageWrite[],
  removed: readonly Uint8Array[],
): Promise<boolean> {
  const transaction = database.transaction(STORES, "readwrite", { durability: "strict" });
  const done = completed(transaction);
  // Awaited below; told here, lest a failure meanwhile count as unhandled.
  done.catch(() => {});
  try {
    const state = transaction.objectStore("state");
    if (numberOf(await resultOf(state.get("generation"))) !== generation) {
      transaction.abort();
      return false;
    }
    const [pages, changes] = [transaction.objectStore("pages"), transaction.objectStore("changes")];
    for (const bound of removed) pages.delete(keyOf(bound));
    for (const { bound, bytes } of written) pages.put(bytes, keyOf(bound));
    state.put(generation + 1, "generation");
    changes.put({ written: written.map(({ bound }) => bound), removed }, generation + 1);
    changes.delete(generation + 1 - CHANGES_KEPT);
    transaction.commit();
  } catch (thrown) {
    // What was asked for before this would be committed all the same.
    abort(transaction);
    throw thrown;
  }
  await done;
  return true;
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}

export function corrupt(detail: string): StoreFailure {
  return new StoreFailure("STORE_CORRUPT", `the browser's store is damaged (${detail}): delete it and sync again`);
}

function requestOpen(name: string, doing: string): IDBOpenDBRequest {
  if (typeof indexedDB === "undefined") {
    throw new StoreFailure("STORE_UNAVAILABLE", `${doing}: there is no IndexedDB here`);
  }
  if (navigator.locks === undefined) {
    throw new StoreFailure("STORE_UNAVAILABLE", `${doing}: tabs cannot take turns outside a secure context (HTTPS)`);
  }
  try {
    return indexedDB.open(name, FORMAT_VERSION);
  } catch (thrown) {
    throw failureOf(thrown, doing);
  }
}

function upgrade(database: IDBDatabase, oldVersion: number): void {
  if (oldVersion < 1) for (const store of STORES) database.createObjectStore(store);
}

async function newsSince(transaction: IDBTransaction, seen: number): Promise<News> {
  const generation = numberOf(await resultOf(transaction.objectStore("state").get("generation")));
  if (generation === seen) return { kind: "none" };
  const behind = generation - seen;
  if (seen >= 0 && behind > 0 && behind < CHANGES_KEPT) {
    const range = IDBKeyRange.bound(seen, generation, true);
    const changes = await resultOf(transaction.objectStore("changes").getAll(range));
    if (changes.length === behind && changes.every(isChange)) return { kind: "changes", generation, changes };
  }
  const keys = await resultOf(transaction.objectStore("pages").getAllKeys());
  return { kind: "all", generation, bounds: keys.map(boundOf) };
}

function numberOf(found: unknown): number {
  if (found === undefined) return 0;
  if (typeof found === "number" && Number.isSafeInteger(found) && found > 0) return found;
  throw corrupt("its generation is not a number");
}

function isChange(found: unknown): found is Change {
  if (typeof found !== "object" || found === null || !("written" in found && "removed" in found)) return false;
  return [found.written, found.removed].every(
    (bounds) => Array.isArray(bounds) && bounds.every((bound) => bound instanceof Uint8Array),
  );
}

function boundOf(key: IDBValidKey): Uint8Array {
  if (key instanceof ArrayBuffer) return new Uint8Array(key);
  throw corrupt("a page has no bound");
}

/** A key of its own bytes alone. */
function keyOf(bound: Uint8Array): IDBValidKey {
  return Uint8Array.from(bound);
}
