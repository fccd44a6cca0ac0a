/** A set of values: of a concurrent addition and removal of one element the addition stands, or the removal. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Check, checkOf } from "./check.ts";
import { createInlineField, type InlineField, type RecordPlace } from "./field.ts";
import { host } from "./host.ts";
import { formOf, rawOf, type Value } from "./value.ts";

export interface ReadonlyElements<V extends Value> {
  has(value: V): boolean;
  /** In the order of the elements' canonical bytes. */
  values(): V[];
  size(): number;
}

export interface Elements<V extends Value> extends ReadonlyElements<V> {
  /** Whether it was not in the set. */
  add(value: V): boolean;
  /** Whether it was in the set. */
  delete(value: V): boolean;
}

export interface SetOptions<V extends Value> {
  /** Whether of a concurrent addition and removal the removal stands. */
  readonly removeWins?: boolean;
  /** Checks what is added. */
  readonly schema?: StandardSchemaV1<unknown, V>;
}

export type SetField<V extends Value> = InlineField<V, ReadonlyElements<V>, Elements<V>>;

/** Declares a set: `tags: set<string>()`. */
export function set<V extends Value>({ removeWins = false, schema }: SetOptions<V> = {}): SetField<V> {
  const type = removeWins ? "remove-wins-set" : "set";
  const openIn = (place: RecordPlace, check: Check<V>): Elements<V> => elementsIn(place, check, type);
  return createInlineField(type, checkOf(schema), open<V>, openIn);
}

function open<V extends Value>(handle: number, check: Check<V>): Elements<V> {
  return {
    has: (value) => host.setHas(handle, rawOf(value), formOf(value)),
    values: () => host.setValues(handle) as V[],
    size: () => host.setSize(handle),
    add: (value) => {
      const checked = check(value);
      return host.setAdd(handle, rawOf(checked), formOf(checked));
    },
    delete: (value) => host.setRemove(handle, rawOf(value), formOf(value)),
  };
}

/** A set in a document is small, and read as a whole. */
function elementsIn<V extends Value>(
  { records, id, name }: RecordPlace,
  check: Check<V>,
  type: "set" | "remove-wins-set",
): Elements<V> {
  const policy = type === "set" ? "add-wins" : "remove-wins";
  const values = (): V[] => (host.recordGet(records, id, type, name) ?? []) as V[];
  const has = (value: V): boolean => host.recordHasElement(records, id, name, rawOf(value), formOf(value), policy);
  return {
    has,
    values,
    size: () => values().length,
    add: (value) => {
      const checked = check(value);
      const isNew = !has(checked);
      host.recordAddTo(records, id, name, rawOf(checked), formOf(checked), policy);
      return isNew;
    },
    delete: (value) => {
      const isThere = has(value);
      host.recordRemoveFrom(records, id, name, rawOf(value), formOf(value), policy);
      return isThere;
    },
  };
}
