/**
 * A store of an older format, brought up to this one before anybody reads it: written anew beside its place, flushed,
 * and put in its place by one rename. A crash leaves the old store whole; what it left beside goes with the next try.
 * It takes the room of both for as long as it lasts.
 *
 *     1 -> 2   every value gets a check (`checked-value.ts`)
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { StoreFailure } from "@dunlin/core/base";
import { withCheck } from "./checked-value.ts";
import { type Database, dataFile, detailOf, FORMAT_KEY, openDatabase } from "./database.ts";
import { FORMAT_VERSION, formatRow } from "./format.ts";
import { MIGRATION_BATCH_ROWS } from "./limits.ts";

/** Closes the database; the store is to be opened again. Rejects with `STORE_WRITE_FAILED`, and then nothing changed. */
export async function migrate(database: Database, directory: string): Promise<void> {
  const beside = join(directory, "migrating");
  try {
    rmSync(beside, { recursive: true, force: true });
    mkdirSync(beside, { mode: 0o700 });
    const target = openDatabase(beside, "write");
    try {
      await copyRows(database, target);
    } finally {
      await target.close();
    }
    await database.close();
    renameSync(dataFile(beside), dataFile(directory));
    rmSync(beside, { recursive: true });
    const folder = openSync(directory, "r");
    fsyncSync(folder);
    closeSync(folder);
  } catch (thrown) {
    await database.close();
    const message = `${directory} cannot be brought up to the new format: ${detailOf(thrown)}`;
    throw new StoreFailure("STORE_WRITE_FAILED", message, { cause: thrown });
  }
}

async function copyRows(from: Database, to: Database): Promise<void> {
  let written: Promise<unknown> = Promise.resolve();
  let rows = 0;
  for (const { key, value } of from.getRange()) {
    if (Buffer.from(key).equals(FORMAT_KEY)) continue;
    written = to.put(key, withCheck(key, value));
    if (++rows % MIGRATION_BATCH_ROWS === 0) await written;
  }
  await written;
  await to.put(FORMAT_KEY, formatRow(FORMAT_VERSION));
  await to.flushed;
}
