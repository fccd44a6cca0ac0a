/**
 * A page: many cells of one container as one blob, in columns. What snapshots and exports are made of.
 *
 *   version (u8, 1) | type tag (u8) | container id (32) | hash of the first key (u32) | count (varint, above 0) | body
 *
 * Entries ascend by the unsigned hash of the key (`key-hash.ts`: the UTF-16 units of a map's key, the bytes of any
 * other entry key), those of equal hash by the key itself. So a page has one encoding, a key is looked for in one page,
 * and where a container's entries are cut into pages depends on them alone. The body is that of a map's columns
 * (`map-page.ts`) or, for any other type, keys and cells (`cells-page.ts`). Refused: anything else.
 */
import { type ContainerId, compareBytes, containerId, ID_BYTES, Reader, Writer } from "../../base/index.ts";
import { CONTAINER_TAGS, type ContainerType, tagToContainerType } from "../container-type.ts";
import { hashBytes, hashKey } from "../key-hash.ts";
import { PAGE_BYTES_MAX, PAGE_ENTRIES_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import { type CellRow, readCellsPage, writeCellsPage } from "./cells-page.ts";
import { type MapPage, type RankedEntries, readMapPage, writeMapPage } from "./map-page.ts";
import { compareHashes } from "./order.ts";

export interface PageHeader {
  readonly type: ContainerType;
  readonly id: ContainerId;
  readonly firstHash: number;
  readonly count: number;
}

export type PageBody =
  | { readonly kind: "map"; readonly map: MapPage; readonly hashes: Int32Array }
  | { readonly kind: "cells"; readonly rows: readonly CellRow[] };

export type PageName = Pick<PageHeader, "type" | "id">;

const VERSION = 1;
/** Reused for pages of common size; a large one does not stay allocated. */
const SCRATCH_BYTES_KEPT = 262_144;
let scratch = new Writer();

/** The entries of the ranks from the first up to the second; at least one. */
export function encodeMapPage(
  name: PageName,
  firstHash: number,
  entries: RankedEntries,
  [from, to]: readonly [number, number],
): Uint8Array {
  const writer = startPage(name, firstHash, to - from);
  writeMapPage(writer, entries, from, to);
  return finishPage(writer);
}

/** Rows in the order of pages. */
export function encodeCellsPage(name: PageName, rows: readonly [CellRow, ...CellRow[]]): Uint8Array {
  const writer = startPage(name, hashBytes(rows[0][0]), rows.length);
  writeCellsPage(writer, rows);
  return finishPage(writer);
}

/** What a page says of itself before its columns; undefined when it is no page. The id is a copy. */
export function readPageHeader(bytes: Uint8Array): PageHeader | undefined {
  const reader = new Reader(bytes);
  const header = readHeader(reader, bytes.length);
  return reader.failed ? undefined : header;
}

/** The entries; undefined when the bytes are not the canonical form of a page. Rows are views of the input. */
export function decodePageBody(bytes: Uint8Array, intern: Intern): PageBody | undefined {
  const reader = new Reader(bytes);
  const header = readHeader(reader, bytes.length);
  if (header === undefined || reader.failed) return undefined;
  const body = header.type === "map" ? readMap(reader, header, intern) : readCells(reader, header);
  return reader.finish() ? body : undefined;
}

function startPage({ type, id }: PageName, firstHash: number, count: number): Writer {
  scratch.reset();
  return scratch.u8(VERSION).u8(CONTAINER_TAGS[type]).raw(id).u32(firstHash).varint(count);
}

function finishPage(writer: Writer): Uint8Array {
  const bytes = writer.toBytes();
  if (bytes.length > SCRATCH_BYTES_KEPT) scratch = new Writer();
  return bytes;
}

function readHeader(reader: Reader, byteLength: number): PageHeader | undefined {
  if (byteLength > PAGE_BYTES_MAX || reader.u8() !== VERSION) reader.fail();
  const type = tagToContainerType(reader.u8());
  const id = reader.raw(ID_BYTES);
  const firstHash = reader.u32() | 0;
  const count = reader.count(PAGE_ENTRIES_MAX);
  if (type === undefined || count === 0) reader.fail();
  if (type === undefined || reader.failed) return undefined;
  return { type, id: containerId(id.slice()), firstHash, count };
}

function readMap(reader: Reader, { firstHash, count }: PageHeader, intern: Intern): PageBody | undefined {
  const map = readMapPage(reader, count, intern);
  if (reader.failed) return undefined;
  const hashes = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const hash = hashKey(map.keys[i] as string);
    hashes[i] = hash;
    if (i === 0) continue;
    const byHash = compareHashes(hashes[i - 1] as number, hash);
    if (byHash > 0 || (byHash === 0 && (map.keys[i - 1] as string) >= (map.keys[i] as string))) reader.fail();
  }
  if (hashes[0] !== firstHash) reader.fail();
  return { kind: "map", map, hashes };
}

function readCells(reader: Reader, { firstHash, count }: PageHeader): PageBody | undefined {
  const rows = readCellsPage(reader, count);
  if (reader.failed) return undefined;
  let previous = firstHash;
  for (let i = 0; i < count; i++) {
    const [key] = rows[i] as CellRow;
    const hash = hashBytes(key);
    const byHash = compareHashes(previous, hash);
    if (i === 0 ? byHash !== 0 : byHash > 0 || (byHash === 0 && compareBytes((rows[i - 1] as CellRow)[0], key) >= 0)) {
      reader.fail();
    }
    previous = hash;
  }
  return { kind: "cells", rows };
}
