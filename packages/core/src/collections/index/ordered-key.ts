/**
 * The order-preserving encoding of index keys: keys compare as bytes exactly as the values do.
 *
 *   0x01 absent   0x02 null   0x03 false   0x04 true
 *   0x05 number   f64 big-endian, the sign bit flipped, of a negative one all bits
 *   0x06 bigint   sign (0 or 1) | length (2) | magnitude big-endian; length and magnitude inverted when negative
 *   0x07 string   UTF-8, each 0x00 as 0x00 0xff, then 0x00
 *   0x08 bytes    the same
 *   0x09 array    items, then 0x00
 *   0x0a object   the value's canonical encoding, escaped as bytes are: equal objects are equal, their order is arbitrary
 *
 * Values of different types compare by their tags; strings by code point; arrays item by item, the shorter first. Every
 * encoding ends itself, so several in a row are as unambiguous as one, and those of fewer columns are prefixes of those
 * of more. A column of more than 256 bytes is cut to 216, and a hash of it all in hexadecimal put at its end: it stays exact
 * under equality and ordered up to the cut, and no other column can look like it, since its end is no valid encoding.
 * After the tuple layer of FoundationDB.
 */
import { bytesToHex, EMPTY_BYTES, prefixEnd, utf8, Writer } from "../../base/index.ts";
import { encodeValue, type Value } from "../../crdt/index.ts";
import { sha256 } from "../../crypto/index.ts";
import { INDEX_COLUMN_BYTES_MAX } from "../limits.ts";

/** What a column of a key may hold. */
export type KeyValue = Value | undefined;

const ABSENT = 0x01;
const NULL = 0x02;
const FALSE = 0x03;
const TRUE = 0x04;
const NUMBER = 0x05;
const BIGINT = 0x06;
const STRING = 0x07;
const BYTES = 0x08;
const ARRAY = 0x09;
const OBJECT = 0x0a;
const END = 0x00;
const ESCAPED = 0xff;

/** Of the hash as many bytes as keep a collision out of reach, in two characters each. */
const HASH_BYTES = 20;
const CUT_BYTES = INDEX_COLUMN_BYTES_MAX - 2 * HASH_BYTES;

const scratch = new Writer(256);
const float = new DataView(new ArrayBuffer(8));

/** The key of these columns. */
export function encodeKey(columns: readonly KeyValue[]): Uint8Array {
  scratch.reset();
  for (const column of columns) {
    const start = scratch.length;
    writeColumn(scratch, column);
    if (scratch.length - start > INDEX_COLUMN_BYTES_MAX) cut(scratch, start);
  }
  return scratch.toBytes();
}

/** The least bytes above all that begin with these. */
export function keyEnd(key: Uint8Array): Uint8Array {
  return prefixEnd(key) ?? EMPTY_BYTES;
}

function cut(writer: Writer, start: number): void {
  const hash = sha256(writer.view().subarray(start)).subarray(0, HASH_BYTES);
  writer.truncate(start + CUT_BYTES);
  writer.raw(utf8(bytesToHex(hash)));
}

function writeColumn(writer: Writer, value: KeyValue): void {
  switch (typeof value) {
    case "boolean":
      writer.u8(value ? TRUE : FALSE);
      return;
    case "number":
      writeNumber(writer, value);
      return;
    case "string":
      writeEscaped(writer.u8(STRING), utf8(value));
      return;
    case "bigint":
      writeBigint(writer, value);
      return;
    case "object":
      writeObject(writer, value);
      return;
    default:
      writer.u8(ABSENT);
  }
}

function writeNumber(writer: Writer, value: number): void {
  if (Number.isNaN(value)) {
    writer.u8(ABSENT);
    return;
  }
  float.setFloat64(0, value === 0 ? 0 : value);
  const high = float.getUint32(0);
  const low = float.getUint32(4);
  const isNegative = high >= 0x8000_0000;
  writer.u8(NUMBER);
  writeU32(writer, isNegative ? ~high : high ^ 0x8000_0000);
  writeU32(writer, isNegative ? ~low : low);
}

function writeU32(writer: Writer, bits: number): void {
  writer
    .u8(bits >>> 24)
    .u8((bits >>> 16) & 255)
    .u8((bits >>> 8) & 255)
    .u8(bits & 255);
}

function writeBigint(writer: Writer, value: bigint): void {
  const isNegative = value < 0n;
  const flip = isNegative ? 255 : 0;
  const digits = (isNegative ? -value : value).toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const length = even.length / 2;
  writer
    .u8(BIGINT)
    .u8(isNegative ? 0 : 1)
    .u8((length >>> 8) ^ flip)
    .u8((length & 255) ^ flip);
  for (let i = 0; i < even.length; i += 2) writer.u8(Number.parseInt(even.slice(i, i + 2), 16) ^ flip);
}

function writeObject(writer: Writer, value: Extract<KeyValue, object | null>): void {
  if (value === null) writer.u8(NULL);
  else if (value instanceof Uint8Array) writeEscaped(writer.u8(BYTES), value);
  else if (Array.isArray(value)) {
    writer.u8(ARRAY);
    for (const item of value) writeColumn(writer, item);
    writer.u8(END);
  } else {
    const encoded = encodeValue(value as Value);
    if (encoded.ok) writeEscaped(writer.u8(OBJECT), encoded.value);
    else writer.u8(ABSENT);
  }
}

function writeEscaped(writer: Writer, bytes: Uint8Array): void {
  let from = 0;
  for (let zero = bytes.indexOf(END); zero >= 0; zero = bytes.indexOf(END, from)) {
    writer.raw(bytes.subarray(from, zero + 1)).u8(ESCAPED);
    from = zero + 1;
  }
  writer.raw(from === 0 ? bytes : bytes.subarray(from)).u8(END);
}
