/**
 * The pages of a state: its cells in the order of their keys, cut so that equal states have equal pages and a change
 * moves no cut but those beside it. A state's root in a checkpoint is a hash over the hashes of its pages, so each page
 * can be told from a false one by itself.
 *
 *   page     version 1 (u8) | count (varint, above 0) | count times:
 *            bytes that the key shares with the one before (varint) | rest of the key | value   (length first, both)
 *   root     SHA-256( "dunlin/state/1" | SHA-256 of each page )
 *
 * A page ends behind a cell whose key hashes to 0 modulo 256, and before it is more than 4096 cells or 64 KiB of keys
 * and values, unless one cell alone is larger. Keys ascend within pages and from page to page. Refused: anything else.
 */
import { compareBytes, type Entry, Reader, utf8, Writer } from "../../base/index.ts";
import { CELL_PREFIX_BYTES } from "../cell-key.ts";
import { sha256 } from "../hash.ts";
import { hashBytes } from "../key-hash.ts";
import { CELL_BYTES_MAX, CELL_KEY_BYTES_MAX, STATE_PAGE_BYTES_MAX, STATE_PAGE_CELLS_MAX } from "./limits.ts";

const VERSION = 1;
const CUT_MODULUS = 256;
const BYTES_PER_CELL_MIN = 3;
const DOMAIN = utf8("dunlin/state/1");

/** Takes cells in order and gives each page when it is full. */
export class PageCutter {
  #rows: Entry[] = [];
  #bytes = 0;
  readonly #onPage: (page: Uint8Array, firstKey: Uint8Array) => void;

  constructor(onPage: (page: Uint8Array, firstKey: Uint8Array) => void) {
    this.#onPage = onPage;
  }

  /** Copies what it is given. */
  add(key: Uint8Array, value: Uint8Array): void {
    const bytes = key.length + value.length;
    if (this.#bytes + bytes > STATE_PAGE_BYTES_MAX) this.finish();
    this.#rows.push([key.slice(), value.slice()]);
    this.#bytes += bytes;
    const isCut = hashBytes(key) % CUT_MODULUS === 0;
    if (isCut || this.#rows.length >= STATE_PAGE_CELLS_MAX) this.finish();
  }

  finish(): void {
    const [first] = this.#rows;
    if (first === undefined) return;
    this.#onPage(encodeStatePage(this.#rows), first[0]);
    this.#rows = [];
    this.#bytes = 0;
  }
}

export function statePageHash(page: Uint8Array): Uint8Array {
  return sha256(page);
}

/** `hashes` are those of all pages, in order, end to end. */
export function stateRoot(hashes: Uint8Array): Uint8Array {
  const writer = new Writer(DOMAIN.length + hashes.length);
  return sha256(writer.raw(DOMAIN).raw(hashes).view());
}

export function encodeStatePage(rows: readonly Entry[]): Uint8Array {
  const writer = new Writer(STATE_PAGE_BYTES_MAX).u8(VERSION).varint(rows.length);
  let last: Uint8Array = new Uint8Array(0);
  for (const [key, value] of rows) {
    const shared = sharedLength(last, key);
    writer.varint(shared).bytes(key.subarray(shared)).bytes(value);
    last = key;
  }
  return writer.toBytes();
}

/** The cells, or undefined when the bytes are no page. Whether its cuts are the right ones only the root can tell. */
export function decodeStatePage(bytes: Uint8Array): Entry[] | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== VERSION) return undefined;
  const count = reader.count(STATE_PAGE_CELLS_MAX, BYTES_PER_CELL_MIN);
  const rows: Entry[] = [];
  let last: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < count && !reader.failed; i++) {
    const shared = reader.varint();
    const rest = reader.bytes(CELL_KEY_BYTES_MAX);
    const value = reader.bytes(CELL_BYTES_MAX);
    if (shared > last.length || shared + rest.length > CELL_KEY_BYTES_MAX) return undefined;
    const key = new Uint8Array(shared + rest.length);
    key.set(last.subarray(0, shared));
    key.set(rest, shared);
    if (sharedLength(last, key) !== shared || compareBytes(last, key) >= 0) return undefined;
    if (key.length < CELL_PREFIX_BYTES) return undefined;
    rows.push([key, value]);
    last = key;
  }
  return count > 0 && reader.finish() ? rows : undefined;
}

function sharedLength(a: Uint8Array, b: Uint8Array): number {
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared++;
  return shared;
}
