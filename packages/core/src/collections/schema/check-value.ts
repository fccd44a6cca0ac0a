/**
 * What no field can hold, found before anything is written, with the way to it: NaN and infinities, integers beyond
 * 2^53 (which would silently lose digits), lone surrogates, undefined, functions, class instances, cycles, and the keys
 * by which an object's prototype is reached.
 */
import { INPUT_DEPTH_MAX } from "../limits.ts";

export interface ValueFault {
  readonly reason: string;
  /** From the value to the fault: keys and places, none when the value itself is at fault. */
  readonly path: readonly (string | number)[];
}

const NOTHING: readonly object[] = [];

/** The first fault of a value; undefined when a field can hold it. */
export function checkValue(value: unknown): ValueFault | undefined {
  return check(value, NOTHING);
}

/** Whether a name can be that of a property: not one of those that reach an object's prototype. */
export function isSafeKey(key: string): boolean {
  return key !== "__proto__" && key !== "constructor" && key !== "prototype";
}

function check(value: unknown, above: readonly object[]): ValueFault | undefined {
  if (typeof value !== "object" || value === null) return faultOf(leafReason(value));
  if (value instanceof Uint8Array) return undefined;
  if (above.includes(value)) return faultOf("the value contains itself");
  if (above.length >= INPUT_DEPTH_MAX) return faultOf("the value is nested too deeply");
  const inside = [...above, value];
  return Array.isArray(value) ? checkItems(value, inside) : checkProperties(value, inside);
}

function leafReason(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? undefined : "text holds a lone surrogate";
    case "number":
      if (!Number.isFinite(value)) return `${value} is no number that can be kept`;
      return Number.isInteger(value) && !Number.isSafeInteger(value)
        ? `${value} is beyond 2^53, where integers lose digits: use a bigint`
        : undefined;
    case "boolean":
    case "bigint":
      return undefined;
    default:
      return value === null ? undefined : `${value === undefined ? "undefined" : `a ${typeof value}`} is no value`;
  }
}

function checkItems(items: readonly unknown[], inside: readonly object[]): ValueFault | undefined {
  for (let i = 0; i < items.length; i++) {
    const fault = check(items[i], inside);
    if (fault !== undefined) return { ...fault, path: [i, ...fault.path] };
  }
  return undefined;
}

function checkProperties(object: object, inside: readonly object[]): ValueFault | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return faultOf("an instance of a class is no value");
  for (const [key, member] of Object.entries(object)) {
    const fault = isSafeKey(key) ? check(member, inside) : faultOf("this key is never kept");
    if (fault !== undefined) return { ...fault, path: [key, ...fault.path] };
  }
  return undefined;
}

function faultOf(reason: string | undefined): ValueFault | undefined {
  return reason === undefined ? undefined : { reason, path: [] };
}
