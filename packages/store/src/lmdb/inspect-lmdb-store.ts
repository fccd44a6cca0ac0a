/**
 * A store looked through while nobody else has it: every page, then every row against its check. And the way out when
 * rows are damaged: to remove a range of them, unread.
 */
import { prefixEnd, type ReadView } from "@dunlin/core/base";
import { checkedValue } from "./checked-value.ts";
import { FORMAT_KEY, openDatabase } from "./database.ts";
import { openLmdbReader } from "./lmdb-reader.ts";
import { acquireLock } from "./lock-file.ts";
import { checkPages } from "./pages.ts";

export interface StoreInspection extends AsyncDisposable {
  /** Throws `STORE_CORRUPT` where a damaged row is read. */
  readonly view: ReadView;
  readonly rows: number;
  /** Keys of rows that are not what was written. */
  readonly damaged: readonly Uint8Array[];
}

/**
 * Takes the store's lock until disposal; writes nothing. Rejects with `STORE_LOCKED`, `STORE_NEWER`, `STORE_OLDER`, or
 * `STORE_CORRUPT` when its pages cannot be read.
 */
export async function inspectLmdbStore(directory: string): Promise<StoreInspection> {
  const release = acquireLock(directory);
  try {
    checkPages(directory, "all");
    const scanned = await scan(directory);
    const view = await openLmdbReader(directory);
    return {
      view,
      ...scanned,
      async [Symbol.asyncDispose]() {
        await view[Symbol.asyncDispose]();
        release();
      },
    };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

async function scan(directory: string): Promise<Pick<StoreInspection, "rows" | "damaged">> {
  // Refuses what has another format, before its rows are taken for damaged ones.
  await (await openLmdbReader(directory))[Symbol.asyncDispose]();
  const database = openDatabase(directory, "read");
  try {
    const damaged: Uint8Array[] = [];
    let rows = 0;
    for (const { key, value } of database.getRange()) {
      if (Buffer.from(key).equals(FORMAT_KEY)) continue;
      rows++;
      if (!isSound(key, value)) damaged.push(new Uint8Array(key));
    }
    return { rows, damaged };
  } finally {
    await database.close();
  }
}

function isSound(key: Uint8Array, stored: Uint8Array): boolean {
  try {
    checkedValue(key, stored);
    return true;
  } catch {
    return false;
  }
}

/** Removes every row whose key begins so, damaged or not, and returns how many; durable when it resolves. */
export async function removeLmdbRows(directory: string, prefix: Uint8Array): Promise<number> {
  const release = acquireLock(directory);
  try {
    const database = openDatabase(directory, "write");
    try {
      const keys = [...database.getKeys({ start: prefix, end: prefixEnd(prefix) as Uint8Array })];
      await database.batch(() => {
        for (const key of keys) void database.remove(key);
      });
      await database.flushed;
      return keys.length;
    } finally {
      await database.close();
    }
  } finally {
    release();
  }
}
