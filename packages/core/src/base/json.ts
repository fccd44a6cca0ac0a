/**
 * Values as JSON and back, without loss: bigints and bytes, which JSON lacks, become objects of one key, and so do the
 * rare objects that would look like one of those.
 *
 *   bigint   {"$bigint": "-12"}        bytes   {"$bytes": "00ff"}        an object whose one key begins with $   {"$object": ...}
 */
import { bytesToHex, hexToBytes } from "./bytes.ts";
import { JSON_DEPTH_MAX } from "./limits.ts";

/** What a register, a map entry or a set element holds. */
export type Value = Primitive | Uint8Array | readonly Value[] | { readonly [key: string]: Value };
export type Primitive = null | boolean | number | bigint | string;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const BIGINT_DIGITS_MAX = 1_400;

export function valueToJson(value: Value): Json {
  if (typeof value === "bigint") return { $bigint: value.toString() };
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { $bytes: bytesToHex(value) };
  if (Array.isArray(value)) return value.map(valueToJson);
  const object = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, valueToJson(member as Value)]));
  return tagOf(object) === undefined ? object : { $object: object };
}

/** The value; undefined when a tag holds what it cannot, or at a depth that no value has. Whoever keeps it checks its keys. */
export function jsonToValue(json: Json): Value | undefined {
  return toValue(json, 0);
}

function toValue(json: Json, depth: number): Value | undefined {
  if (typeof json !== "object" || json === null) return json;
  if (depth > JSON_DEPTH_MAX) return undefined;
  if (Array.isArray(json)) return membersOf(json, depth);
  const object = json as { readonly [key: string]: Json };
  switch (tagOf(object)) {
    case undefined:
      return propertiesOf(object, depth);
    case "$bigint":
      return textToBigint(object["$bigint"]);
    case "$bytes":
      return typeof object["$bytes"] === "string" ? hexToBytes(object["$bytes"]) : undefined;
    case "$object": {
      const inner = object["$object"];
      const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
      return isObject ? propertiesOf(inner as { readonly [key: string]: Json }, depth + 1) : undefined;
    }
    default:
      return undefined;
  }
}

/** The key of an object of one key, if that begins with $. */
function tagOf(object: object): string | undefined {
  const [first, second] = Object.keys(object);
  return first?.startsWith("$") === true && second === undefined ? first : undefined;
}

function membersOf(array: readonly Json[], depth: number): Value | undefined {
  const values: Value[] = [];
  for (const member of array) {
    const value = toValue(member, depth + 1);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function propertiesOf(object: { readonly [key: string]: Json }, depth: number): Value | undefined {
  const entries: [string, Value][] = [];
  for (const [key, member] of Object.entries(object)) {
    const value = toValue(member, depth + 1);
    if (value === undefined) return undefined;
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function textToBigint(text: Json | undefined): bigint | undefined {
  const isDigits = typeof text === "string" && text.length <= BIGINT_DIGITS_MAX && /^(0|-?[1-9][0-9]*)$/.test(text);
  return isDigits ? BigInt(text) : undefined;
}
