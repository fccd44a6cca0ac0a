/**
 * Opens a store's directory: makes it when it is new, takes its lock, and refuses what is not a store before anything
 * reads it.
 *
 *     directory/ data.mdb     pages           (LMDB)
 *                lock.mdb     reader table    (LMDB)
 *                dunlin.lock  who writes      (lock-file.ts)
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StoreFailure } from "@dunlin/core/base";
import { causeOf, corrupt, type Database, dataFile, detailOf, FORMAT_KEY, openDatabase } from "./database.ts";
import { checkFormat, FORMAT_VERSION, formatRow } from "./format.ts";
import { createLmdbStore, type LmdbStore } from "./lmdb-store.ts";
import { acquireLock, type LockOptions } from "./lock-file.ts";
import { migrate } from "./migrate.ts";
import { checkPages } from "./pages.ts";

export interface LmdbStoreOptions extends LockOptions {
  /** A directory; made when it is not there. */
  readonly path: string;
  /** Reads every page first, to find damage now and not later. Takes as long as reading the file. */
  readonly checkAllPages?: boolean;
}

/** Rejects with a `StoreFailure`: `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_NEWER` or `STORE_WRITE_FAILED`. */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<LmdbStore> {
  const { path } = options;
  makeDirectory(path);
  const release = acquireLock(path, options);
  let database: Database | undefined;
  try {
    const isNew = !existsSync(dataFile(path));
    checkPages(path, options.checkAllPages === true ? "all" : "when cut short");
    database = openDatabase(path, "write");
    if (database.getBinary(FORMAT_KEY) === undefined) await writeFormat(database, path);
    if (checkFormat(database, path) < FORMAT_VERSION) {
      await migrate(database, path);
      database = openDatabase(path, "write");
    }
    if (isNew) syncDirectories(path);
    return createLmdbStore(path, database, release);
  } catch (thrown) {
    await database?.close();
    release();
    throw thrown;
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    if (existsSync(path) && !statSync(path).isDirectory()) throw corrupt(path, "it is a file, not a directory", thrown);
    throw new StoreFailure("STORE_WRITE_FAILED", `${path} cannot be made: ${detailOf(thrown)}`, { cause: thrown });
  }
}

/** Only an empty environment becomes a store. */
async function writeFormat(database: Database, path: string): Promise<void> {
  for (const _ of database.getKeys({ limit: 1 })) throw corrupt(path, "it has rows but no format row");
  try {
    await database.put(FORMAT_KEY, formatRow(FORMAT_VERSION));
    await database.flushed;
  } catch (thrown) {
    const cause = await causeOf(thrown);
    throw new StoreFailure("STORE_WRITE_FAILED", `${path} cannot be written: ${detailOf(cause)}`, { cause });
  }
}

/** The new file's name must survive a power cut as well. */
function syncDirectories(path: string): void {
  for (const directory of [path, dirname(path)]) {
    const descriptor = openSync(directory, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}
