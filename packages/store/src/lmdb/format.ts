/**
 * The format row: what says that an environment is a store, and of which version.
 *
 *     key 0x00 -> "dunlin-store" (12 bytes UTF-8) | version as u16 little-endian
 *
 * Refused: an environment with rows but without this one, a malformed one (`STORE_CORRUPT`), a newer one
 * (`STORE_NEWER`).
 */
import { bytesEqual, Reader, StoreFailure, utf8, Writer } from "@dunlin/core/base";
import { corrupt, type Database, FORMAT_KEY } from "./database.ts";

/** Raised when the layout of rows changes in a way that older programs would misread, with a step in `migrate.ts`. */
export const FORMAT_VERSION = 2;
const FORMAT_NAME = utf8("dunlin-store");

export function formatRow(version: number): Uint8Array {
  return new Writer().raw(FORMAT_NAME).u16(version).toBytes();
}

/** The format's version, this one or an older one; throws a `StoreFailure` for anything else. */
export function checkFormat(database: Database, directory: string): number {
  const row = database.getBinary(FORMAT_KEY);
  if (row === undefined) throw corrupt(directory, "it has no format row");
  const reader = new Reader(new Uint8Array(row));
  const name = reader.raw(FORMAT_NAME.length);
  const version = reader.u16();
  if (!reader.finish() || !bytesEqual(name, FORMAT_NAME) || version === 0) {
    throw corrupt(directory, "its format row is malformed");
  }
  if (version <= FORMAT_VERSION) return version;
  const message = `${directory} has format ${version}, this program knows up to ${FORMAT_VERSION}: install a newer one`;
  throw new StoreFailure("STORE_NEWER", message);
}
