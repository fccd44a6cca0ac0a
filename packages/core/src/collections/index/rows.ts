/**
 * The derived rows of a context. They are local, are never hashed nor replicated, and can be made again from the cells.
 *
 *   context 32 | 'i' | 0 | container 32                 the collection's catalogue row (`catalogue.ts`)
 *   context 32 | 'i' | 1 | number u32 | key | id UTF-8  one entry of an index; its value is the length of the id (varint)
 *   context 32 | 'i' | 2 | container 32                 records changed while nobody knew the collection's indexes
 *   context 32 | 'i' | 5 | child 16                     whose a container is: collection 8 | document id UTF-8
 *   context 32 | 'i' | 6 | child 16                     the container around a nested one: its id 16
 *   context 32 | 'i' | 7 | container 32                 how many documents the collection has (varint)
 *   context 32 | 'i' | 8 | number u32 | id UTF-8        words of a text (`text-words.ts`)
 *
 * Of the ids of child and collection their beginnings: two that share one would at worst wake each other's readers.
 */
import {
  bytesEqual,
  type ContainerId,
  type ContextId,
  concatBytes,
  type RangeOptions,
  Reader,
  utf8,
  utf8ToString,
  Writer,
} from "../../base/index.ts";
import { DOCUMENT_ID_BYTES_MAX } from "../limits.ts";

const TABLE = "i".charCodeAt(0);
const CATALOGUE = 0;
const ENTRY = 1;
const STALE = 2;
const OWNER = 5;
const NESTED = 6;
const COUNT = 7;
const WORDS = 8;
const CHILD_BYTES = 16;
const COLLECTION_BYTES = 8;
const NUMBER_BYTES = 4;
const VALUES: Uint8Array[] = [];

/** An entry of an index as read: where it stands and whose it is. */
export interface IndexEntry {
  readonly row: Uint8Array;
  readonly id: string;
}

export function catalogueKey(context: ContextId, container: ContainerId): Uint8Array {
  return concatBytes(context, Uint8Array.of(TABLE, CATALOGUE), container);
}

export function staleKey(context: ContextId, container: ContainerId): Uint8Array {
  return concatBytes(context, Uint8Array.of(TABLE, STALE), container);
}

/** Of an id, or of what a row has of one. */
export function ownerKey(context: ContextId, child: Uint8Array): Uint8Array {
  return concatBytes(context, Uint8Array.of(TABLE, OWNER), child.subarray(0, CHILD_BYTES));
}

export function nestedKey(context: ContextId, child: Uint8Array): Uint8Array {
  return concatBytes(context, Uint8Array.of(TABLE, NESTED), child.subarray(0, CHILD_BYTES));
}

export function nestedValue(parent: ContainerId): Uint8Array {
  return parent.slice(0, CHILD_BYTES);
}

export function ownerValue(collection: ContainerId, id: string): Uint8Array {
  return concatBytes(collection.subarray(0, COLLECTION_BYTES), utf8(id));
}

/** The document of the collection that an owner's row names; undefined when it is another's, or damaged. */
export function ownedBy(collection: ContainerId, value: Uint8Array): string | undefined {
  if (value.length <= COLLECTION_BYTES) return undefined;
  const isOwn = bytesEqual(value.subarray(0, COLLECTION_BYTES), collection.subarray(0, COLLECTION_BYTES));
  return isOwn ? utf8ToString(value.subarray(COLLECTION_BYTES)) : undefined;
}

export function countKey(context: ContextId, container: ContainerId): Uint8Array {
  return concatBytes(context, Uint8Array.of(TABLE, COUNT), container);
}

/** The counts of all collections of a context. */
export function countRange(context: ContextId): RangeOptions {
  return rangeOf(context, COUNT);
}

/** All catalogue rows of a context. */
export function catalogueRange(context: ContextId): RangeOptions {
  return rangeOf(context, CATALOGUE);
}

/** All marks of stale indexes of a context. */
export function staleRange(context: ContextId): RangeOptions {
  return rangeOf(context, STALE);
}

/** All owners of a context. */
export function ownerRange(context: ContextId): RangeOptions {
  return rangeOf(context, OWNER);
}

/** What the entries of an index begin with. */
export function entryPrefix(context: ContextId, number: number): Uint8Array {
  return numberedPrefix(context, ENTRY, number);
}

/** What an index of a text's words knows of a document; with an empty id, of the log. */
export function wordsKey(context: ContextId, number: number, id: string): Uint8Array {
  return concatBytes(numberedPrefix(context, WORDS, number), utf8(id));
}

function numberedPrefix(context: ContextId, kind: number, number: number): Uint8Array {
  const prefix = concatBytes(context, Uint8Array.of(TABLE, kind), new Uint8Array(NUMBER_BYTES));
  new DataView(prefix.buffer).setUint32(prefix.length - NUMBER_BYTES, number);
  return prefix;
}

export function entryRow(prefix: Uint8Array, key: Uint8Array, id: Uint8Array): Uint8Array {
  const row = new Uint8Array(prefix.length + key.length + id.length);
  row.set(prefix);
  row.set(key, prefix.length);
  row.set(id, prefix.length + key.length);
  return row;
}

/** The same bytes for all ids of one length: they never change. */
export function entryValue(idBytes: number): Uint8Array {
  const known = VALUES[idBytes] ?? new Writer(2).varint(idBytes).toBytes();
  VALUES[idBytes] = known;
  return known;
}

/** The entry of a stored row; undefined when it is damaged. Keeps a copy of the row. */
export function decodeEntry(row: Uint8Array, value: Uint8Array): IndexEntry | undefined {
  const reader = new Reader(value);
  const length = reader.varint();
  if (!reader.finish() || length < 1 || length > DOCUMENT_ID_BYTES_MAX || length > row.length) return undefined;
  const id = utf8ToString(row.subarray(row.length - length));
  return id === undefined ? undefined : { row: row.slice(), id };
}

export function idBytes(id: string): Uint8Array {
  return utf8(id);
}

function rangeOf(context: ContextId, kind: number): RangeOptions {
  return {
    gte: concatBytes(context, Uint8Array.of(TABLE, kind)),
    lt: concatBytes(context, Uint8Array.of(TABLE, kind + 1)),
  };
}
