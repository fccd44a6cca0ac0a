/** Where two states differ: the parts of the smaller ones, by their path. */
import { type Value, valueToJson } from "@dunlin/core/base";
import { DIFFERENCES_MAX, SHOWN_CHARS_MAX } from "./limits.ts";

export interface Difference {
  /** Names and indices from the field on. */
  readonly path: string;
  readonly here: string;
  readonly there: string;
}

/** At most `DIFFERENCES_MAX`. */
export function differences(here: Value, there: Value): Difference[] {
  const found: Difference[] = [];
  compare(here, there, "", found);
  return found;
}

function compare(here: Value | undefined, there: Value | undefined, path: string, found: Difference[]): void {
  if (found.length >= DIFFERENCES_MAX || show(here) === show(there)) return;
  const [ours, theirs] = [partsOf(here), partsOf(there)];
  if (ours === undefined || theirs === undefined || Array.isArray(here) !== Array.isArray(there)) {
    found.push({ path, here: cut(show(here)), there: cut(show(there)) });
    return;
  }
  const isList = Array.isArray(here);
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    const below = isList ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
    compare(ours.get(name), theirs.get(name), below, found);
  }
}

/** The members of an array or object. */
function partsOf(value: Value | undefined): Map<string, Value> | undefined {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return undefined;
  return new Map(Object.entries(value));
}

function show(value: Value | undefined): string {
  return value === undefined ? "nothing" : JSON.stringify(valueToJson(value));
}

function cut(text: string): string {
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}...`;
}
