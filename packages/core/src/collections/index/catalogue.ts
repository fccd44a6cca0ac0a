/**
 * What the store knows of a collection: the schema it was last opened with, and its indexes. One row per collection,
 * local to this store: replicas may hold different indexes of one state.
 *
 *   u8 1 | varint version
 *   varint n fields, each: string name | string kind                          ascending by name
 *   varint n indexes, each: string name | u32 number | string fingerprint | u8 built
 *                           | string id up to which it is built, when it is not     ascending by name
 *   varint n dropped, each: u32 number                                        ascending
 *
 * A number names the rows of an index (`rows.ts`) and is never given again while rows of it may be there.
 */
import { Reader, Writer } from "../../base/index.ts";
import { DOCUMENT_ID_BYTES_MAX, INDEXES_MAX, NAME_BYTES_MAX, SCHEMA_FIELDS_MAX } from "../limits.ts";

const FORMAT = 1;
/** Of the text of a function: longer ones are hashed by whoever makes the row. */
export const FINGERPRINT_BYTES_MAX = 512;
/** Indexes whose rows wait to be deleted. */
const DROPPED_MAX = 65_536;

export interface StoredIndex {
  readonly name: string;
  readonly number: number;
  readonly fingerprint: string;
  /** Undefined once it is complete; else the last document that it covers, empty for none. */
  readonly builtTo: string | undefined;
}

export interface CatalogueRow {
  readonly version: number;
  readonly fields: readonly { readonly name: string; readonly kind: string }[];
  readonly indexes: readonly StoredIndex[];
  /** Numbers whose rows are still to be deleted. */
  readonly dropped: readonly number[];
}

export function encodeCatalogue(row: CatalogueRow): Uint8Array {
  const writer = new Writer(256).u8(FORMAT).varint(row.version).varint(row.fields.length);
  for (const { name, kind } of row.fields) writer.string(name).string(kind);
  writer.varint(row.indexes.length);
  for (const { name, number, fingerprint, builtTo } of row.indexes) {
    writer
      .string(name)
      .u32(number)
      .string(fingerprint)
      .u8(builtTo === undefined ? 1 : 0);
    if (builtTo !== undefined) writer.string(builtTo);
  }
  writer.varint(row.dropped.length);
  for (const number of row.dropped) writer.u32(number);
  return writer.toBytes();
}

/** The row, or undefined when the bytes are not the canonical form of one. */
export function decodeCatalogue(bytes: Uint8Array): CatalogueRow | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT) return undefined;
  const version = reader.varint();
  if (version < 1) reader.fail();
  const fields = readAscending(reader, SCHEMA_FIELDS_MAX, (name) => ({ name, kind: reader.string(NAME_BYTES_MAX) }));
  const indexes = readAscending(reader, 2 * INDEXES_MAX, (name) => readIndex(reader, name));
  const count = reader.count(DROPPED_MAX, 4);
  const dropped: number[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const number = reader.u32();
    if (i > 0 && number <= (dropped[i - 1] as number)) reader.fail();
    dropped.push(number);
  }
  return reader.finish() ? { version, fields, indexes, dropped } : undefined;
}

function readIndex(reader: Reader, name: string): StoredIndex {
  const number = reader.u32();
  const fingerprint = reader.string(FINGERPRINT_BYTES_MAX);
  const built = reader.u8();
  if (built > 1) reader.fail();
  return { name, number, fingerprint, builtTo: built === 1 ? undefined : reader.string(DOCUMENT_ID_BYTES_MAX) };
}

function readAscending<T extends { readonly name: string }>(
  reader: Reader,
  max: number,
  read: (name: string) => T,
): T[] {
  const count = reader.count(max, 2);
  const rows: T[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const name = reader.string(NAME_BYTES_MAX);
    if (i > 0 && name <= (rows[i - 1] as T).name) reader.fail();
    rows.push(read(name));
  }
  return rows;
}
