/**
 * A copy of a store as of one moment, also while another process writes it: LMDB copies the pages under a read
 * transaction, so the copy is of the last flushed commit at the beginning, whole, and writers go on meanwhile. Pages are
 * copied as they are, free ones too: a copy that writes them anew would make a misplaced page look right. It is looked
 * through page by page before anybody is told that it is there.
 */
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { StoreFailure } from "@dunlin/core/base";
import { corrupt, dataFile, detailOf, openDatabase } from "./database.ts";
import { checkFormat } from "./format.ts";
import { checkPages } from "./pages.ts";

/**
 * Copies the store of one directory into another, which must not hold one; only the owner may read the copy. Rejects
 * with a `StoreFailure`: `STORE_CORRUPT` and `STORE_NEWER` of the source, `STORE_WRITE_FAILED` of the target.
 */
export async function copyLmdbStore(from: string, to: string): Promise<void> {
  checkPages(from, "when cut short");
  const database = openDatabase(from, "read");
  try {
    checkFormat(database, from);
    if (existsSync(dataFile(to))) throw new StoreFailure("STORE_WRITE_FAILED", `${to} holds a store already`);
    mkdirSync(to, { recursive: true, mode: 0o700 });
    await database.backup(to, false);
    chmodSync(dataFile(to), 0o600);
    flush(dataFile(to));
  } catch (thrown) {
    if (thrown instanceof StoreFailure) throw thrown;
    throw copyFailure(from, to, thrown);
  } finally {
    await database.close();
  }
  checkCopy(from, to);
}

/** The pages are the source's, byte for byte: so is what is wrong with them. */
function checkCopy(from: string, to: string): void {
  try {
    checkPages(to, "all");
  } catch (thrown) {
    throw corrupt(from, detailOf(thrown), thrown);
  }
}

/** A page that is not what it should be is the source's; anything else is the target's disk. */
function copyFailure(from: string, to: string, thrown: unknown): StoreFailure {
  const detail = detailOf(thrown);
  if (/MDB_(CORRUPTED|PAGE_NOTFOUND|PROBLEM|INVALID)/.test(detail)) return corrupt(from, detail, thrown);
  return new StoreFailure("STORE_WRITE_FAILED", `${to} cannot be written: ${detail}`, { cause: thrown });
}

function flush(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
