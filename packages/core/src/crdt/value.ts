/**
 * Values that a register, a map entry or a set element holds, and their canonical encoding.
 *
 *   tag 0 null   1 false   2 true
 *       3 natural   varint              4 negative   varint of -1-n
 *       5 float     f64, neither a safe integer nor infinite nor NaN
 *       6 bigint >= 0   length, magnitude little-endian without a zero at its end
 *       7 bigint < 0    the same, of -1-n
 *       8 string    length, UTF-8       9 bytes      length, bytes
 *      10 array     count, values      11 object     count, (string, value) with keys ascending by UTF-16 code unit
 *
 * Equal values have equal bytes: -0 is written as 0. Refused: NaN and infinities, lone surrogates, undefined, holes,
 * class instances, the keys `__proto__`, `constructor` and `prototype`, and what exceeds the limits. The order of keys
 * is that of RFC 8785 (JSON canonicalization).
 */
import {
  err,
  type Failure,
  must,
  ok,
  type Primitive,
  Reader,
  type Result,
  utf8,
  type Value,
  Writer,
} from "../base/index.ts";
import { BIGINT_BYTES_MAX, VALUE_BYTES_MAX, VALUE_DEPTH_MAX, VALUE_ITEMS_MAX } from "./limits.ts";

export type { Primitive, Value };
export type ValueRefusal = "VALUE_INVALID" | "VALUE_TOO_LARGE";

const TAG = {
  null: 0,
  false: 1,
  true: 2,
  natural: 3,
  negative: 4,
  float: 5,
  bigint: 6,
  negativeBigint: 7,
  string: 8,
  bytes: 9,
  array: 10,
  object: 11,
} as const;

interface Budget {
  items: number;
}

/** Used again, since a fresh one costs more than most values; not there while in use: a getter may encode as well. */
let spareWriter: Writer | undefined;
const SPARE_BYTES_MAX = 65_536;

export function encodeValue(value: Value): Result<Uint8Array, Failure<ValueRefusal>> {
  const writer = spareWriter ?? new Writer();
  spareWriter = undefined;
  writer.reset();
  const refusal = writeValue(writer, value);
  if (writer.length <= SPARE_BYTES_MAX) spareWriter = writer;
  return refusal === undefined ? ok(writer.toPacked()) : err(refusal, refusalMessage(refusal));
}

/** The value; undefined when the bytes are not the canonical form of one. */
export function decodeValue(bytes: Uint8Array): Value | undefined {
  const reader = new Reader(bytes);
  const value = readValue(reader);
  return reader.finish() ? value : undefined;
}

export function refusalMessage(refusal: ValueRefusal): string {
  return refusal === "VALUE_INVALID"
    ? "hold null, booleans, finite numbers, bigints, well-formed strings, bytes, arrays or plain objects"
    : "the value exceeds the limit on bytes, items or depth: keep large data in a blob";
}

/** Writes what is valid; on a refusal the writer holds a part and is to be dropped or reset. */
function writeValue(writer: Writer, value: Value): ValueRefusal | undefined {
  const start = writer.length;
  const refusal = writeNested(writer, value, 0, { items: 0 });
  if (refusal !== undefined) return refusal;
  return writer.length - start > VALUE_BYTES_MAX ? "VALUE_TOO_LARGE" : undefined;
}

/** Reads one value; the reader fails on anything but a canonical form. */
export function readValue(reader: Reader): Value {
  const start = reader.at;
  const value = reader.peek() < TAG.array ? readLeaf(reader) : readNested(reader, 0, { items: 0 });
  if (reader.at - start > VALUE_BYTES_MAX) reader.fail();
  return value;
}

/** The refusal of a primitive, without writing it. */
export function checkPrimitive(value: Primitive): ValueRefusal | undefined {
  switch (typeof value) {
    case "string":
      if (value.length * 3 > VALUE_BYTES_MAX - 8 && utf8(value).length > VALUE_BYTES_MAX - 8) return "VALUE_TOO_LARGE";
      return value.isWellFormed() ? undefined : "VALUE_INVALID";
    case "number":
      return Number.isFinite(value) ? undefined : "VALUE_INVALID";
    case "bigint":
      return bigintFits(value) ? undefined : "VALUE_TOO_LARGE";
    default:
      return undefined;
  }
}

/** Writes a primitive that `checkPrimitive` let pass. */
export function writePrimitive(writer: Writer, value: Primitive): void {
  switch (typeof value) {
    case "string":
      writer.u8(TAG.string).string(value);
      return;
    case "number":
      writeNumber(writer, value);
      return;
    case "boolean":
      writer.u8(value ? TAG.true : TAG.false);
      return;
    case "bigint":
      if (value >= 0n) writer.u8(TAG.bigint).bytes(magnitude(value));
      else writer.u8(TAG.negativeBigint).bytes(magnitude(-1n - value));
      return;
    default:
      writer.u8(TAG.null);
  }
}

function writeNested(writer: Writer, value: Value, depth: number, budget: Budget): ValueRefusal | undefined {
  if (value === null || isPrimitiveType(value)) {
    const refusal = checkPrimitive(value);
    if (refusal === undefined) writePrimitive(writer, value);
    return refusal;
  }
  if (typeof value !== "object") return "VALUE_INVALID";
  if (value instanceof Uint8Array) {
    if (value.length > VALUE_BYTES_MAX) return "VALUE_TOO_LARGE";
    writer.u8(TAG.bytes).bytes(value);
    return undefined;
  }
  if (depth >= VALUE_DEPTH_MAX) return "VALUE_TOO_LARGE";
  return Array.isArray(value)
    ? writeArray(writer, value, depth, budget)
    : writeObject(writer, value as { readonly [key: string]: Value }, depth, budget);
}

function writeArray(writer: Writer, items: readonly Value[], depth: number, budget: Budget): ValueRefusal | undefined {
  budget.items += items.length;
  if (budget.items > VALUE_ITEMS_MAX) return "VALUE_TOO_LARGE";
  writer.u8(TAG.array).varint(items.length);
  for (let i = 0; i < items.length; i++) {
    const refusal = writeNested(writer, items[i] as Value, depth + 1, budget);
    if (refusal !== undefined) return refusal;
    if (writer.length > VALUE_BYTES_MAX * 2) return "VALUE_TOO_LARGE";
  }
  return undefined;
}

function writeObject(
  writer: Writer,
  object: { readonly [key: string]: Value },
  depth: number,
  budget: Budget,
): ValueRefusal | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return "VALUE_INVALID";
  const keys = Object.keys(object).sort();
  budget.items += keys.length;
  if (budget.items > VALUE_ITEMS_MAX) return "VALUE_TOO_LARGE";
  writer.u8(TAG.object).varint(keys.length);
  for (const key of keys) {
    if (!isSafeKey(key) || !key.isWellFormed()) return "VALUE_INVALID";
    if (key.length > VALUE_BYTES_MAX) return "VALUE_TOO_LARGE";
    writer.string(key);
    const refusal = writeNested(writer, object[key] as Value, depth + 1, budget);
    if (refusal !== undefined) return refusal;
    if (writer.length > VALUE_BYTES_MAX * 2) return "VALUE_TOO_LARGE";
  }
  return undefined;
}

function writeNumber(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value)) writer.u8(TAG.float).f64(value);
  else if (value >= 0) writer.u8(TAG.natural).varint(value);
  else writer.u8(TAG.negative).varint(-1 - value);
}

function readNested(reader: Reader, depth: number, budget: Budget): Value {
  switch (reader.peek()) {
    case TAG.array:
      return readArray(reader, depth, budget);
    case TAG.object:
      return readObject(reader, depth, budget);
    default:
      return readLeaf(reader);
  }
}

/** What holds no other value, and so needs no budget. */
function readLeaf(reader: Reader): Primitive | Uint8Array {
  switch (reader.u8()) {
    case TAG.null:
      return null;
    case TAG.false:
      return false;
    case TAG.true:
      return true;
    case TAG.natural:
      return reader.varint();
    case TAG.negative:
      return readNegative(reader);
    case TAG.float:
      return readFloat(reader);
    case TAG.bigint:
      return readMagnitude(reader);
    case TAG.negativeBigint:
      return -1n - readMagnitude(reader);
    case TAG.string:
      return reader.string(VALUE_BYTES_MAX);
    case TAG.bytes:
      return reader.bytes(VALUE_BYTES_MAX).slice();
    default:
      reader.fail();
      return null;
  }
}

function readNegative(reader: Reader): number {
  const value = reader.varint();
  if (value >= Number.MAX_SAFE_INTEGER) reader.fail();
  return -1 - value;
}

function readFloat(reader: Reader): number {
  const value = reader.f64();
  if (!Number.isFinite(value) || Number.isSafeInteger(value)) reader.fail();
  return value;
}

function readItemCount(reader: Reader, depth: number, budget: Budget, bytesEach: number): number {
  if (depth >= VALUE_DEPTH_MAX) reader.fail();
  const count = reader.count(VALUE_ITEMS_MAX - budget.items, bytesEach);
  budget.items += count;
  return count;
}

function readArray(reader: Reader, depth: number, budget: Budget): Value {
  reader.u8();
  const count = readItemCount(reader, depth, budget, 1);
  const items: Value[] = [];
  for (let i = 0; i < count && !reader.failed; i++) items.push(readNested(reader, depth + 1, budget));
  return items;
}

function readObject(reader: Reader, depth: number, budget: Budget): Value {
  reader.u8();
  const count = readItemCount(reader, depth, budget, 2);
  const object: { [key: string]: Value } = {};
  let previous: string | undefined;
  for (let i = 0; i < count && !reader.failed; i++) {
    const key = reader.string(VALUE_BYTES_MAX);
    if (!isSafeKey(key) || (previous !== undefined && key <= previous)) reader.fail();
    else object[key] = readNested(reader, depth + 1, budget);
    previous = key;
  }
  return object;
}

function isPrimitiveType(value: Value): value is Exclude<Primitive, null> {
  const type = typeof value;
  return type === "string" || type === "number" || type === "boolean" || type === "bigint";
}

/** Keys that reach the prototype of an object in careless code are not stored at all. */
function isSafeKey(key: string): boolean {
  return key !== "__proto__" && key !== "constructor" && key !== "prototype";
}

function bigintFits(value: bigint): boolean {
  return BigInt.asIntN(BIGINT_BYTES_MAX * 8 + 1, value) === value;
}

function magnitude(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const digits = value.toString(16);
  const bytes = new Uint8Array((digits.length + 1) >> 1);
  for (let i = 0, end = digits.length; i < bytes.length; i++, end -= 2) {
    bytes[i] = Number.parseInt(digits.slice(Math.max(0, end - 2), end), 16);
  }
  return bytes;
}

function readMagnitude(reader: Reader): bigint {
  const bytes = reader.bytes(BIGINT_BYTES_MAX);
  if (bytes.length === 0) return 0n;
  if (must(bytes.at(-1), "a non-empty array has a last byte") === 0) reader.fail();
  let digits = "0x";
  for (let i = bytes.length - 1; i >= 0; i--) digits += (bytes[i] as number).toString(16).padStart(2, "0");
  return BigInt(digits);
}
