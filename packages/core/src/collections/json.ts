/**
 * Values as JSON and back, without loss: bigints and bytes, which JSON lacks, become objects of one key, and so do the
 * rare objects that would look like one of those.
 *
 *   bigint   {"$bigint": "-12"}        bytes   {"$bytes": "00ff"}        an object whose one key begins with $   {"$object": ...}
 */
import { bytesToHex, hexToBytes } from "../base/index.ts";
import type { Value } from "../crdt/index.ts";

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

/** The value; undefined when a tag holds what it cannot. Depth and keys are for whoever keeps the value to check. */
export function jsonToValue(json: Json): Value | undefined {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return membersOf(json);
  const object = json as { readonly [key: string]: Json };
  switch (tagOf(object)) {
    case undefined:
      return propertiesOf(object);
    case "$bigint":
      return textToBigint(object["$bigint"]);
    case "$bytes":
      return typeof object["$bytes"] === "string" ? hexToBytes(object["$bytes"]) : undefined;
    case "$object": {
      const inner = object["$object"];
      const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
      return isObject ? propertiesOf(inner as { readonly [key: string]: Json }) : undefined;
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

function membersOf(array: readonly Json[]): Value | undefined {
  const values: Value[] = [];
  for (const member of array) {
    const value = jsonToValue(member);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function propertiesOf(object: { readonly [key: string]: Json }): Value | undefined {
  const entries: [string, Value][] = [];
  for (const [key, member] of Object.entries(object)) {
    const value = jsonToValue(member);
    if (value === undefined) return undefined;
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function textToBigint(text: Json | undefined): bigint | undefined {
  const isDigits = typeof text === "string" && text.length <= BIGINT_DIGITS_MAX && /^(0|-?[1-9][0-9]*)$/.test(text);
  return isDigits ? BigInt(text) : undefined;
}
