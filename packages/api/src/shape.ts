/**
 * Checked reading of values from outside: a shape takes an unknown value and gives a typed one, or says in one line
 * which field is wrong. Objects are rebuilt with the known fields alone; unknown fields are passed over, since the
 * clients of other versions send more than is needed.
 */
import { err, ok, type Result, textToId } from "@dunlin/core/base";

/** `at` names the value in messages: "params.contextId". */
export type Shape<T> = (value: unknown, at: string) => Result<T>;

const refuse = (at: string, wanted: string): Result<never> => err("PARAMS_INVALID", `${at} must be ${wanted}`);

/** A non-empty string of at most `maxChars` characters, without control characters when it names something. */
export function text(maxChars: number): Shape<string> {
  return (value, at) =>
    typeof value === "string" && value.length > 0 && value.length <= maxChars && !value.includes("\0")
      ? ok(value)
      : refuse(at, `a string of 1 to ${maxChars} characters`);
}

/** 32 bytes in base58. */
export const id: Shape<string> = (value, at) =>
  typeof value === "string" && textToId(value) !== undefined ? ok(value) : refuse(at, "an id: 32 bytes in base58");

export function integer(min: number, max: number): Shape<number> {
  return (value, at) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max
      ? ok(value)
      : refuse(at, `an integer from ${min} to ${max}`);
}

export function oneOf<const T extends string>(...choices: readonly T[]): Shape<T> {
  return (value, at) =>
    choices.includes(value as T) ? ok(value as T) : refuse(at, choices.map((choice) => `"${choice}"`).join(" or "));
}

export const flag: Shape<boolean> = (value, at) =>
  typeof value === "boolean" ? ok(value) : refuse(at, "true or false");

/** Anything, undefined too. */
export const anything: Shape<unknown> = (value) => ok(value);

export function list<T>(item: Shape<T>, maxLength: number): Shape<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length > maxLength) return refuse(at, `an array of at most ${maxLength}`);
    const items: T[] = [];
    for (const [index, element] of value.entries()) {
      const read = item(element, `${at}[${index}]`);
      if (!read.ok) return read;
      items.push(read.value);
    }
    return ok(items);
  };
}

/** Absent and null are the same. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, at) => (value === undefined || value === null ? ok(undefined) : shape(value, at));
}

export function object<T extends object>(fields: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(at, "an object");
    const result: Partial<T> = {};
    for (const name of names) {
      const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      const read = fields[name](given, at === "" ? name : `${at}.${name}`);
      if (!read.ok) return read;
      result[name] = read.value;
    }
    return ok(result as T);
  };
}
