/**
 * The change log: which documents a commit changed, in the batch of that commit. Derived, local, never replicated.
 *
 *   key    context 32 | 'i' | 3 | last order of the commit u48 | part u16
 *   value  u8 1 | varint count of orders | varint how many of them, at the end, are of this program
 *          | varint n changes, above 0, each:
 *            u8 kind 0 insert, 1 update, 2 delete, 3 none | origin 0 here, 4 elsewhere, 8 elsewhere and concurrent
 *            [varint offset of the delta's order, when from elsewhere]
 *            varint number of the container [32] | string id | varint n fields, each: varint number [string name]
 *
 * Containers and names are numbered as they come: the next unused number is followed by what it stands for. A change
 * of the kind "none" is a join that what stood there was greater than: it shows nothing, and counts for older versions.
 * The key is of the last order, so that what comes after a place in the log is one range. Large commits have parts.
 */
import {
  type ContainerId,
  type ContextId,
  concatBytes,
  ID_BYTES,
  idKey,
  must,
  type RangeOptions,
  Reader,
  Writer,
} from "../../base/index.ts";
import type { OrderRange } from "../../crdt/index.ts";
import { DOCUMENT_ID_BYTES_MAX, NAME_BYTES_MAX } from "../limits.ts";
import { CHANGES_PER_ROW_MAX, FIELDS_PER_CHANGE_MAX, ORDER_MAX } from "./limits.ts";

export type ChangeEffect = "insert" | "update" | "delete" | "none";

/** From this program, from elsewhere, or from elsewhere without knowing all that was here. */
export type ChangeOrigin = "here" | "elsewhere" | "concurrent";

export interface LoggedChange {
  readonly effect: ChangeEffect;
  readonly origin: ChangeOrigin;
  /** Of a change from elsewhere: its delta's place among the commit's; else 0. */
  readonly offset: number;
  readonly container: ContainerId;
  readonly id: string;
  /** Of an update. */
  readonly fields: readonly string[];
}

export interface ChangeRow {
  /** Deltas of the commit. */
  readonly count: number;
  /** How many of them, at the end, this program made. */
  readonly local: number;
  readonly changes: readonly LoggedChange[];
}

const TABLE = "i".charCodeAt(0);
const CHANGE_LOG = 3;
const FORMAT = 1;
const EFFECTS: readonly ChangeEffect[] = ["insert", "update", "delete", "none"];
const ORIGINS: readonly ChangeOrigin[] = ["here", "elsewhere", "concurrent"];
const EFFECT_TAGS: Readonly<Record<ChangeEffect, number>> = { insert: 0, update: 1, delete: 2, none: 3 };
const ORIGIN_TAGS: Readonly<Record<ChangeOrigin, number>> = { here: 0, elsewhere: 4, concurrent: 8 };
const ORDER_AT = ID_BYTES + 2;
const BYTES_PER_CHANGE_MIN = 5;

/** One row being written, change after change. */
export class ChangeRowWriter {
  readonly #body = new Writer();
  readonly #containers = new Map<string, number>();
  readonly #names = new Map<string, number>();
  #count = 0;
  /** Changes of one container come in runs, and share its id. */
  #last: ContainerId | undefined;
  #lastKey = "";

  /** Changes written so far. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of the changes written so far. */
  get length(): number {
    return this.#body.length;
  }

  add({ effect, origin, offset, container, id, fields }: LoggedChange): void {
    const body = this.#body;
    this.#count++;
    body.u8(EFFECT_TAGS[effect] + ORIGIN_TAGS[origin]);
    if (origin !== "here") body.varint(offset);
    if (container !== this.#last) {
      this.#last = container;
      this.#lastKey = idKey(container);
    }
    if (isNew(body, this.#containers, this.#lastKey)) body.raw(container);
    body.string(id).varint(fields.length);
    for (const name of fields) if (isNew(body, this.#names, name)) body.string(name);
  }

  /** The row of a commit of `count` deltas, of which this program made the last `local`. */
  toBytes({ count, local }: Pick<ChangeRow, "count" | "local">): Uint8Array {
    const head = new Writer().u8(FORMAT).varint(count).varint(local).varint(this.#count);
    return head.raw(this.#body.view()).toBytes();
  }
}

export function encodeChangeRow(row: ChangeRow): Uint8Array {
  const writer = new ChangeRowWriter();
  for (const change of row.changes) writer.add(change);
  return writer.toBytes(row);
}

/** The row, or undefined when the bytes are not the canonical form of one. */
export function decodeChangeRow(bytes: Uint8Array): ChangeRow | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT) return undefined;
  const count = reader.varint();
  const local = reader.varint();
  if (count < 1 || count > ORDER_MAX || local > count) reader.fail();
  const length = reader.count(CHANGES_PER_ROW_MAX, BYTES_PER_CHANGE_MIN);
  if (length === 0) reader.fail();
  const containers = new Known(() => reader.raw(ID_BYTES).slice() as ContainerId, idKey);
  const names = new Known(
    () => reader.string(NAME_BYTES_MAX),
    (name) => name,
  );
  const changes: LoggedChange[] = [];
  for (let i = 0; i < length && !reader.failed; i++) {
    const change = readChange(reader, count - local, containers, names);
    if (change !== undefined) changes.push(change);
  }
  return reader.finish() ? { count, local, changes } : undefined;
}

export function changeKey(context: ContextId, last: number, part: number): Uint8Array {
  const key = concatBytes(context, Uint8Array.of(TABLE, CHANGE_LOG), new Uint8Array(8));
  const view = new DataView(key.buffer);
  writeOrder(view, last);
  view.setUint16(ORDER_AT + 6, part);
  return key;
}

/** The rows of the commits whose last order is among these. */
export function changeRange(context: ContextId, { first, end }: OrderRange): RangeOptions {
  return { gte: changeKey(context, first, 0), lt: changeKey(context, end, 0) };
}

/** The last order of the commit that the row is of. */
export function lastOrderOf(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return view.getUint16(ORDER_AT) * 0x1_0000_0000 + view.getUint32(ORDER_AT + 2);
}

function writeOrder(view: DataView, order: number): void {
  view.setUint16(ORDER_AT, Math.floor(order / 0x1_0000_0000));
  view.setUint32(ORDER_AT + 2, order % 0x1_0000_0000);
}

function readChange(
  reader: Reader,
  foreignCount: number,
  containers: Known<ContainerId>,
  names: Known<string>,
): LoggedChange | undefined {
  const tag = reader.u8();
  const origin = ORIGINS[tag >> 2];
  const effect = must(EFFECTS[tag & 3], "two bits name one of four");
  const offset = origin === "here" ? 0 : reader.varint();
  if (origin === undefined || (origin !== "here" && offset >= foreignCount)) reader.fail();
  const container = containers.read(reader);
  const id = reader.string(DOCUMENT_ID_BYTES_MAX);
  if (id === "") reader.fail();
  const fieldCount = reader.count(FIELDS_PER_CHANGE_MAX);
  if (effect !== "update" && fieldCount > 0) reader.fail();
  const fields: string[] = [];
  for (let i = 0; i < fieldCount && !reader.failed; i++) {
    const name = names.read(reader);
    if (name !== undefined) fields.push(name);
  }
  if (reader.failed || origin === undefined || container === undefined) return undefined;
  return { effect, origin, offset, container, id, fields };
}

/** Writes the number of a thing; true when what it stands for must follow. */
function isNew(writer: Writer, numbers: Map<string, number>, key: string): boolean {
  const known = numbers.get(key);
  writer.varint(known ?? numbers.size);
  if (known === undefined) numbers.set(key, numbers.size);
  return known === undefined;
}

/** Things by the number that they were given as they came. */
class Known<T> {
  readonly #next: () => T;
  readonly #keyOf: (value: T) => string;
  readonly #values: T[] = [];
  readonly #keys = new Set<string>();

  constructor(next: () => T, keyOf: (value: T) => string) {
    this.#next = next;
    this.#keyOf = keyOf;
  }

  read(reader: Reader): T | undefined {
    const number = reader.varint();
    if (reader.failed || number > this.#values.length) reader.fail();
    if (reader.failed) return undefined;
    if (number < this.#values.length) return this.#values[number];
    const value = this.#next();
    const key = this.#keyOf(value);
    if (this.#keys.has(key)) reader.fail();
    if (reader.failed) return undefined;
    this.#keys.add(key);
    this.#values.push(value);
    return value;
  }
}
