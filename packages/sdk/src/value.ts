/**
 * Values that state, events and answers hold: JSON, and at the top level of a stored value also bigint and bytes.
 *
 * A value crosses to the host as itself when it is primitive, and otherwise as text or bytes with a form that says
 * how to read it. Refused: what JSON cannot say (functions, symbols, undefined, NaN, a cycle), and bigint or bytes
 * inside an object or array.
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
const FORM_BIGINT = 2;
const FORM_BYTES = 3;

/** How `rawOf(value)` is to be read. */
export function formOf(value: unknown): number {
  if (typeof value === "bigint") return FORM_BIGINT;
  if (typeof value !== "object" || value === null) return FORM_PLAIN;
  return value instanceof Uint8Array ? FORM_BYTES : FORM_JSON;
}

/** The value in the shape in which it crosses. */
export function rawOf(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${value} is not a value that state can hold`);
      return value;
    case "bigint":
      return String(value);
    case "object":
      if (value === null || value instanceof Uint8Array) return value;
      return JSON.stringify(value, refuseForeign);
    default:
      throw new TypeError(`a ${typeof value} is not a value that state can hold`);
  }
}

function refuseForeign(key: string, value: unknown): unknown {
  const kind = typeof value;
  if (kind === "string" || kind === "boolean" || value === null) return value;
  if (kind === "object" && !(value instanceof Uint8Array)) return value;
  if (kind === "number" && Number.isFinite(value)) return value;
  const what = kind === "object" ? "a Uint8Array" : kind === "number" ? String(value) : `a ${kind}`;
  throw new TypeError(`${what} cannot stand inside a value (at "${key}")`);
}
