/**
 * What no field can hold, found before anything is written, with the way to it: NaN and infinities, integers beyond
 * 2^53 (which would silently lose digits), lone surrogates, undefined, functions, class instances, cycles, and the keys
 * by which an object's prototype is reached.
 */
import { INPUT_DEPTH_MAX } from "../limits.ts";

export interface ValueFault {
  readonly reason: string;
  /** From the value to the fault: empty, `[3]`, `.city`. */
  readonly path: string;
}

/** The first fault of a value; undefined when a field can hold it. */
export function checkValue(value: unknown): ValueFault | undefined {
  const reason = value === null || typeof value !== "object" ? leafFault(value) : undefined;
  if (reason !== undefined) return { reason, path: "" };
  return typeof value === "object" && value !== null ? checkNested(value, "", []) : undefined;
}

function leafFault(value: unknown): string | undefined {
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

function checkNested(value: object, path: string, above: readonly object[]): ValueFault | undefined {
  if (value instanceof Uint8Array) return undefined;
  if (above.includes(value)) return { reason: "the value contains itself", path };
  if (above.length >= INPUT_DEPTH_MAX) return { reason: "the value is nested too deeply", path };
  const inside = [...above, value];
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const fault = checkMember(value[i], `${path}[${i}]`, inside);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return { reason: "an instance of a class is no value", path };
  for (const key of Object.keys(value)) {
    if (!isSafeKey(key)) return { reason: "this key is never kept", path: `${path}.${key}` };
    const fault = checkMember((value as Readonly<Record<string, unknown>>)[key], `${path}.${key}`, inside);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function checkMember(value: unknown, path: string, above: readonly object[]): ValueFault | undefined {
  if (typeof value === "object" && value !== null) return checkNested(value, path, above);
  const reason = leafFault(value);
  return reason === undefined ? undefined : { reason, path };
}

/** Whether a name can be that of a property: not one of those that reach an object's prototype. */
export function isSafeKey(key: string): boolean {
  return key !== "__proto__" && key !== "constructor" && key !== "prototype";
}
