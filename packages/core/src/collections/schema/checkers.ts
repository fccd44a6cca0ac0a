/**
 * Checkers of single values, in the form of Standard Schema v1 (standardschema.dev), so that each stands where a schema
 * of another library may, and the other way round. A checker answers at once, changes nothing, and says what it wants.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Value } from "../../crdt/index.ts";
import { checkValue } from "./check-value.ts";

/** Any Standard Schema: what it takes in, and what it makes of it. */
export type Checker<I = unknown, O = I> = StandardSchemaV1<I, O>;

export interface StringBounds {
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface NumberBounds {
  readonly min?: number;
  readonly max?: number;
}

/** Text, by UTF-16 units when bounded. */
export function string(bounds: StringBounds = {}): Checker<string> {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = bounds;
  return checker((value) => {
    if (typeof value !== "string") return "expected text";
    if (value.length < minLength) return `expected at least ${minLength} characters`;
    return value.length > maxLength ? `expected at most ${maxLength} characters` : undefined;
  });
}

/** A finite number; an integer only within 2^53. */
export function number(bounds: NumberBounds = {}): Checker<number> {
  return checker((value) => (typeof value === "number" ? outside(value, bounds) : "expected a number"));
}

export function integer(bounds: NumberBounds = {}): Checker<number> {
  return checker((value) => (Number.isSafeInteger(value) ? outside(Number(value), bounds) : "expected an integer"));
}

export function boolean(): Checker<boolean> {
  return checker((value) => (typeof value === "boolean" ? undefined : "expected true or false"));
}

export function bigint(): Checker<bigint> {
  return checker((value) => (typeof value === "bigint" ? undefined : "expected a bigint"));
}

export function bytes(): Checker<Uint8Array> {
  return checker((value) => (value instanceof Uint8Array ? undefined : "expected bytes"));
}

/** One of a few constants. */
export function oneOf<const T extends string | number | boolean | null>(...choices: readonly T[]): Checker<T> {
  const text = choices.map((choice) => JSON.stringify(choice)).join(", ");
  return checker((value) => (choices.includes(value as T) ? undefined : `expected one of ${text}`));
}

/** What the checker takes, or null. */
export function nullable<I, O>(inner: Checker<I, O>): Checker<I | null, O | null> {
  const validate = (value: unknown): Answer<O | null> =>
    value === null ? { value: null } : inner["~standard"].validate(value);
  return { "~standard": { version: 1, vendor: "dunlin", validate } };
}

/** Anything that a field can hold: null, booleans, numbers, bigints, text, bytes, arrays and plain objects. */
export function json<T extends Value = Value>(): Checker<T> {
  const validate = (value: unknown): StandardSchemaV1.Result<T> => {
    const fault = checkValue(value);
    return fault === undefined ? { value: value as T } : { issues: [{ message: fault.reason, path: fault.path }] };
  };
  return { "~standard": { version: 1, vendor: "dunlin", validate } };
}

type Answer<O> = StandardSchemaV1.Result<O> | Promise<StandardSchemaV1.Result<O>>;

/** `fault` says what is wrong with a value; undefined when nothing is. */
function checker<T>(fault: (value: unknown) => string | undefined): Checker<T> {
  const validate = (value: unknown): StandardSchemaV1.Result<T> => {
    const message = fault(value);
    return message === undefined ? { value: value as T } : { issues: [{ message }] };
  };
  return { "~standard": { version: 1, vendor: "dunlin", validate } };
}

function outside(value: number, { min, max }: NumberBounds): string | undefined {
  if (min !== undefined && value < min) return `expected at least ${min}`;
  return max !== undefined && value > max ? `expected at most ${max}` : undefined;
}
