/**
 * Values that state, arguments, answers and events hold, and how they cross between the sandbox and the node: as
 * themselves when they are primitive or bytes, and otherwise as JSON, in which what JSON lacks is an object of one key:
 *
 *   bigint   {"$bigint": "-12"}        bytes   {"$bytes": "00ff"}        an object whose one key begins with $   {"$object": ...}
 *
 * Refused in state: what is no value (functions, symbols, undefined, NaN, a cycle, an instance of a class). Answers and
 * events follow JSON there: it leaves out what it cannot say.
 */
export type Value =
  | null
  | boolean
  | number
  | string
  | bigint
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value };

const FORM_PLAIN = 0;
const FORM_JSON = 1;

// Taken before the application can replace them.
const { parse, stringify } = JSON;
const DOLLAR = 36;
/** Above the depth of any value that the node takes. */
const DEPTH_MAX = 200;
const TO_JSON = "toJSON";
const HEX_DIGITS = "0123456789abcdef";

// In the sandbox the engine's own JSON writes the tags, which costs nothing for what needs none. Elsewhere the globals
// are somebody else's, and nothing crosses.
if (globalThis.__dunlin !== undefined) {
  const asBytes = function (this: Uint8Array): unknown {
    return { $bytes: hexOf(this) };
  };
  const asBigint = function (this: bigint): unknown {
    return { $bigint: String(this) };
  };
  Object.defineProperty(Uint8Array.prototype, TO_JSON, { value: asBytes });
  Object.defineProperty(BigInt.prototype, TO_JSON, { value: asBigint });
}

/** How `rawOf(value)` is to be read. */
export function formOf(value: unknown): number {
  if (typeof value === "bigint") return FORM_JSON;
  return typeof value !== "object" || value === null || value instanceof Uint8Array ? FORM_PLAIN : FORM_JSON;
}

/** The value in the shape in which it crosses. */
export function rawOf(value: unknown): unknown {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return value instanceof Uint8Array ? value : encodeStrict(value);
}

/** The text of something that the state can hold, all through. */
export function encodeStrict(value: unknown): string {
  checkValue(value, "", 0);
  return encodeLoose(value) ?? refuse(value, "");
}

/** The text of an answer or an event; undefined when there is none. */
export function encodeLoose(value: unknown): string | undefined {
  const text = stringify(value);
  // Bigints and bytes have their tags already; an object that looks like one has not.
  return text?.includes('"$') ? stringify(tagged(value)) : text;
}

/** The value of a text that the host has checked. */
export function decode(text: string): unknown {
  const value: unknown = parse(text);
  return text.includes('"$') ? untagged(value) : value;
}

function checkValue(value: unknown, key: string, depth: number): void {
  switch (typeof value) {
    case "object":
      if (value !== null && !(value instanceof Uint8Array)) checkMembers(value, key, depth);
      return;
    case "number":
      if (!Number.isFinite(value)) refuse(value, key);
      return;
    case "string":
    case "boolean":
    case "bigint":
      return;
    default:
      refuse(value, key);
  }
}

function checkMembers(value: object, key: string, depth: number): void {
  if (depth > DEPTH_MAX) throw new TypeError("a value is within itself, or nested too deep");
  if (Array.isArray(value)) for (const member of value) checkValue(member, key, depth + 1);
  else if (!isPlain(value)) refuse(value, key);
  else for (const name in value) checkValue((value as { readonly [name: string]: unknown })[name], name, depth + 1);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refuse(value: unknown, key: string): never {
  const kind = typeof value;
  const what = kind === "number" ? String(value) : kind === "object" ? "an instance of a class" : `a ${kind}`;
  throw new TypeError(`${what} is not a value that state can hold${key === "" ? "" : ` (at "${key}")`}`);
}

function tagged(value: unknown): unknown {
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { $bytes: hexOf(value) };
  if (Array.isArray(value)) return value.map(tagged);
  if ("toJSON" in value && typeof value.toJSON === "function") return tagged(value.toJSON());
  const said = Object.entries(value).filter(([, member]) => !isUnsaid(member));
  const object = Object.fromEntries(said.map(([key, member]) => [key, tagged(member)]));
  return tagOf(object) === undefined ? object : { $object: object };
}

/** What JSON leaves out of an object. */
function isUnsaid(member: unknown): boolean {
  return member === undefined || typeof member === "function" || typeof member === "symbol";
}

function untagged(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(untagged);
  const object = value as { [key: string]: unknown };
  switch (tagOf(object)) {
    case "$bigint":
      return BigInt(object["$bigint"] as string);
    case "$bytes":
      return bytesOf(object["$bytes"] as string);
    case "$object":
      return membersUntagged(object["$object"] as { [key: string]: unknown });
    default:
      return membersUntagged(object);
  }
}

function membersUntagged(object: { [key: string]: unknown }): object {
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, untagged(member)]));
}

/** The key of an object of one key, if that begins with $. */
function tagOf(object: object): string | undefined {
  const [first, second] = Object.keys(object);
  return first?.charCodeAt(0) === DOLLAR && second === undefined ? first : undefined;
}

function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX_DIGITS.charAt(byte >> 4) + HEX_DIGITS.charAt(byte & 15);
  return text;
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
