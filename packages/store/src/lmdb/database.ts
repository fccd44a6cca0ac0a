/**
 * One LMDB environment with one database, and synchronous reads of it as plain byte arrays.
 *
 * lmdb-js gives out Node buffers, whose `slice` shares memory where that of a Uint8Array copies; so every key and value
 * is wrapped anew. Values are copies, safe to keep. Damage that LMDB finds in a page becomes `STORE_CORRUPT`; what it
 * does not find, each value's check does.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { compareBytes, type Entry, type RangeOptions, StoreFailure } from "@dunlin/core/base";
import { open, type RootDatabase } from "lmdb";
import { checkedValue, withCheck } from "./checked-value.ts";
import { READERS_MAX } from "./limits.ts";

export type Database = RootDatabase<Uint8Array, Uint8Array>;

/** The store's own row, which is not among a user's: the format's name and version. */
export const FORMAT_KEY: Uint8Array = Uint8Array.of(0);
/** The least key that a user's range may begin with. */
const FIRST_KEY: Uint8Array = Uint8Array.of(0, 0);
/** What LMDB returns for a page that is not what its parent says, or not there (lmdb.h). */
const DAMAGE_CODES: ReadonlySet<unknown> = new Set([-30796, -30797, -30793]);

export function dataFile(directory: string): string {
  return join(directory, "data.mdb");
}

export function openDatabase(directory: string, mode: "write" | "read"): Database {
  const readOnly = mode === "read";
  if (readOnly && !existsSync(dataFile(directory))) throw corrupt(directory, "there is no data file");
  try {
    return open<Uint8Array, Uint8Array>({
      path: directory,
      noSubdir: false,
      readOnly,
      keyEncoding: "binary",
      encoding: "binary",
      maxDbs: 1,
      maxReaders: READERS_MAX,
      // With it, lmdb-js resolves a write before the device has it.
      overlappingSync: false,
      // With it, a write that fails rejects a promise that lmdb-js keeps to itself, which ends the process.
      eventTurnBatching: false,
    });
  } catch (thrown) {
    throw corrupt(directory, detailOf(thrown), thrown);
  }
}

export function readValue(database: Database, key: Uint8Array): Uint8Array | undefined {
  try {
    if (compareBytes(key, FIRST_KEY) < 0) return undefined;
    const value = database.getBinary(key);
    return value && checkedValue(key, value);
  } catch (thrown) {
    throw readFailure(thrown);
  }
}

/** To be called within a batch. */
export function writeValue(database: Database, key: Uint8Array, value: Uint8Array | undefined): void {
  // The promises of single writes are that of the batch.
  if (value === undefined) void database.remove(key);
  else void database.put(key, withCheck(key, value));
}

/** The entries of a user's range. To be read to its end within the turn: it holds a read transaction meanwhile. */
export function* readRange(database: Database, options: RangeOptions): Generator<Entry> {
  const { lt, reverse = false, limit } = options;
  const gte = compareBytes(options.gte, FIRST_KEY) < 0 ? FIRST_KEY : options.gte;
  if (compareBytes(gte, lt) >= 0) return;
  const bounds = reverse
    ? { start: lt, exclusiveStart: true, end: gte, inclusiveEnd: true, reverse }
    : { start: gte, end: lt };
  try {
    for (const { key, value } of database.getRange(limit === undefined ? bounds : { ...bounds, limit })) {
      yield [plain(key), checkedValue(key, value)];
    }
  } catch (thrown) {
    throw readFailure(thrown);
  }
}

export function corrupt(directory: string, detail: string, cause?: unknown): StoreFailure {
  const message = `${directory} is damaged or is not a store (${detail}): restore it from a backup, or move it away`;
  return new StoreFailure("STORE_CORRUPT", message, { cause });
}

/** Why a write failed: lmdb-js hangs the real reason on its error as a promise that rejects. */
export async function causeOf(thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof Error && "commitError" in thrown)) return thrown;
  try {
    await thrown.commitError;
    return thrown;
  } catch (reason) {
    return reason;
  }
}

export function detailOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function readFailure(thrown: unknown): unknown {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (!DAMAGE_CODES.has(code)) return thrown;
  return new StoreFailure("STORE_CORRUPT", `a read met a damaged page (${detailOf(thrown)}): restore a backup`, {
    cause: thrown,
  });
}

function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
