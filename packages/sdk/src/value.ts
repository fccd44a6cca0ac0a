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
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

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
  hasTags = false;
  const text = stringify(value, strictMember);
  return hasTags ? stringify(tagged(value)) : (text ?? refuse(value, ""));
}

/** The text of an answer or an event; undefined when there is none. */
export function encodeLoose(value: unknown): string | undefined {
  hasTags = false;
  const text = stringify(value, looseMember);
  return hasTags ? stringify(tagged(value)) : text;
}

/** The value of a text that the host has checked. */
export function decode(text: string): unknown {
  const value: unknown = parse(text);
  return text.includes('"$') ? untagged(value) : value;
}

/** Whether the value looked at last needs tags: most need none, and are written by the engine itself. */
let hasTags = false;

function looseMember(key: string, value: unknown): unknown {
  if (key.charCodeAt(0) === DOLLAR) hasTags = true;
  if (typeof value !== "bigint" && !(value instanceof Uint8Array)) return value;
  hasTags = true;
  return null;
}

/** `this` is the object that holds the value, which `toJSON` has not changed. */
function strictMember(this: unknown, key: string, value: unknown): unknown {
  const held = (this as { readonly [key: string]: unknown })[key];
  if (!Object.is(held, value)) return refuse(held, key);
  if (key.charCodeAt(0) === DOLLAR) hasTags = true;
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : refuse(value, key);
    case "bigint":
      hasTags = true;
      return null;
    case "object":
      if (value instanceof Uint8Array) {
        hasTags = true;
        return null;
      }
      return value === null || Array.isArray(value) || isPlain(value) ? value : refuse(value, key);
    default:
      return refuse(value, key);
  }
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
  for (const byte of bytes) text += HEX[byte];
  return text;
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
