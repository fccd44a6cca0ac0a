/**
 * A value at rest in memory: a primitive is itself; bytes, arrays and objects stay in their canonical encoding, so that
 * nobody can change a cell through a value that was handed in or out. `Uint8Array` here always means "encoded".
 */
import { must, type Reader, Writer } from "../base/index.ts";
import { WriteRefused } from "./refusal.ts";
import {
  checkPrimitive,
  decodeValue,
  encodeValue,
  type Primitive,
  readValue,
  refusalMessage,
  type Value,
  type ValueRefusal,
  writePrimitive,
} from "./value.ts";

export type Stored = Primitive | Uint8Array;

/** Refuses what is no value. */
export function valueToStored(value: Value): Stored {
  if (value !== null && typeof value === "object") return encodeComposite(value);
  const refusal = isPrimitive(value) ? checkPrimitive(value) : "VALUE_INVALID";
  if (refusal !== undefined) throw refused(refusal);
  return Object.is(value, -0) ? 0 : value;
}

/** A fresh copy of the value. */
export function storedToValue(stored: Stored): Value {
  if (!(stored instanceof Uint8Array)) return stored;
  return must(decodeValue(stored), "a stored value is canonical");
}

export function writeStored(writer: Writer, stored: Stored): void {
  if (stored instanceof Uint8Array) writer.raw(stored);
  else writePrimitive(writer, stored);
}

export function readStored(reader: Reader): Stored {
  const start = reader.at;
  const value = readValue(reader);
  return value !== null && typeof value === "object" ? reader.since(start).slice() : value;
}

/** The canonical bytes. */
export function storedToBytes(stored: Stored): Uint8Array {
  if (stored instanceof Uint8Array) return stored;
  const writer = new Writer();
  writePrimitive(writer, stored);
  return writer.toBytes();
}

function encodeComposite(value: Value): Uint8Array {
  const encoded = encodeValue(value);
  if (encoded.ok) return encoded.value;
  throw new WriteRefused(encoded.error.code, encoded.error.message);
}

function refused(refusal: ValueRefusal): WriteRefused {
  return new WriteRefused(refusal, refusalMessage(refusal));
}

function isPrimitive(value: Value): value is Primitive {
  const type = typeof value;
  return value === null || type === "string" || type === "number" || type === "boolean" || type === "bigint";
}
