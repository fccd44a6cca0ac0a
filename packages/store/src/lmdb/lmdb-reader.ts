/**
 * A read-only view of a store that another thread or process writes: for a node's root, and for tools that look while a
 * node runs. It sees flushed commits only, one version per turn; `refresh` moves on to the newest within a turn.
 */
import { type Entry, type RangeOptions, type ReadView, StoreFailure } from "@dunlin/core/base";
import { type Database, openDatabase, readRange, readValue } from "./database.ts";
import { checkFormat, FORMAT_VERSION } from "./format.ts";
import { checkPages } from "./pages.ts";

export interface LmdbReader extends ReadView, AsyncDisposable {
  /** Lets the next read see what was flushed until now. */
  refresh(): void;
}

/** Needs no lock. Fails with `STORE_CORRUPT` when there is no store, `STORE_NEWER` like the store
 * itself, and `STORE_OLDER` for what only a writer can change. */
export async function openLmdbReader(directory: string): Promise<LmdbReader> {
  checkPages(directory, "when cut short");
  const database = openDatabase(directory, "read");
  try {
    if (checkFormat(database, directory) < FORMAT_VERSION) {
      const message = `${directory} has an older format: start the node of this version on it once, which changes it`;
      throw new StoreFailure("STORE_OLDER", message);
    }
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
  return new DatabaseReader(database);
}

class DatabaseReader implements LmdbReader {
  readonly #database: Database;
  #closing: Promise<void> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#assertOpen();
    return readValue(this.#database, key);
  }

  range(options: RangeOptions): Iterable<Entry> {
    this.#assertOpen();
    return readRange(this.#database, options);
  }

  refresh(): void {
    this.#assertOpen();
    this.#database.resetReadTxn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#database.close();
    await this.#closing;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new StoreFailure("STORE_CLOSED", "the reader is closed");
  }
}
