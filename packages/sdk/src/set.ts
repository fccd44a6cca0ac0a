/** A set: of a concurrent addition and removal of the same element the addition wins. */
import { createField, type Field } from "./field.ts";
import { host } from "./host.ts";
import { formOf, rawOf, type Value } from "./value.ts";

export interface ReadonlyElements<V extends Value> {
  has(value: V): boolean;
  /** In the order of the elements' canonical bytes. */
  values(): V[];
  size(): number;
}

export interface Elements<V extends Value> extends ReadonlyElements<V> {
  add(value: V): void;
  delete(value: V): void;
}

export type SetField<V extends Value> = Field<ReadonlyElements<V>, Elements<V>>;

/** Declares a set: `tags: set<string>()`. */
export function set<V extends Value>(): SetField<V> {
  return createField("set", open<V>);
}

function open<V extends Value>(handle: number): Elements<V> {
  return {
    has: (value) => host.setHas(handle, rawOf(value), formOf(value)),
    values: () => host.setValues(handle) as V[],
    size: () => host.setSize(handle),
    add: (value) => host.setAdd(handle, rawOf(value), formOf(value)),
    delete: (value) => host.setRemove(handle, rawOf(value), formOf(value)),
  };
}
