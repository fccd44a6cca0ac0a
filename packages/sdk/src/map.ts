/**
 * A map from string keys to values (`map(register<V>())`: each key is a register of its own) or to containers
 * (`map(text())`, `map(map(counter()))`). Of concurrent settings of one key the later stays; concurrent creations of
 * a container under one key are one container, whose contents merge.
 */
import type { Check } from "./check.ts";
import { createField, type Field } from "./field.ts";
import { CONTAINER_CODE, host } from "./host.ts";
import type { RegisterField } from "./register.ts";
import { formOf, rawOf, type Value } from "./value.ts";

interface Keyed {
  has(key: string): boolean;
  /** Ascending. */
  keys(): string[];
  size(): number;
}

export interface ReadonlyValueMap<V extends Value> extends Keyed {
  get(key: string): V | undefined;
  entries(): [key: string, value: V][];
}

export interface ValueMap<V extends Value> extends ReadonlyValueMap<V> {
  set(key: string, value: V): void;
  /** Whether anything was there. */
  delete(key: string): boolean;
}

export interface ReadonlyContainerMap<C> extends Keyed {
  /** Undefined when nothing was created under the key. */
  get(key: string): C | undefined;
  entries(): [key: string, container: C][];
}

export interface ContainerMap<Read, Write extends Read> extends ReadonlyContainerMap<Read> {
  get(key: string): Write | undefined;
  entries(): [key: string, container: Write][];
  /** The container under the key, created empty when there is none. */
  ensure(key: string): Write;
  /** Whether anything was there. */
  delete(key: string): boolean;
}

/** Declares a map of values: `settings: map(register<string>())`. */
export function map<V extends Value>(inner: RegisterField<V>): Field<ReadonlyValueMap<V>, ValueMap<V>>;
/** Declares a map of containers: `documents: map(text())`. */
export function map<Read, Write extends Read>(
  inner: Field<Read, Write>,
): Field<ReadonlyContainerMap<Read>, ContainerMap<Read, Write>>;
export function map(inner: Field<unknown, unknown>): Field<Keyed, Keyed> {
  return createField<Keyed, Keyed>("map", (handle) => openMap(handle, inner), [inner]);
}

/** The handle over a map whose entries are as a field says. */
export function openMap(handle: number, inner: Field<unknown, unknown>): Keyed {
  if (inner.type !== "register") return openContainers(handle, inner);
  return openValues(handle, (inner as RegisterField<Value>).check);
}

function keyed(handle: number): Keyed & { delete(key: string): boolean } {
  return {
    has: (key) => host.mapHas(handle, key),
    keys: () => host.mapKeys(handle),
    size: () => host.mapSize(handle),
    delete: (key) => host.mapDelete(handle, key),
  };
}

function openValues(handle: number, check: Check<Value>): ValueMap<Value> {
  return {
    ...keyed(handle),
    get: (key) => host.mapGet(handle, key) as Value | undefined,
    set: (key, value) => {
      const checked = check(value);
      host.mapSet(handle, key, rawOf(checked), formOf(checked));
    },
    entries: () => host.mapEntries(handle) as [string, Value][],
  };
}

function openContainers(handle: number, inner: Field<unknown, unknown>): ContainerMap<unknown, unknown> {
  const code = CONTAINER_CODE[inner.type];
  const get = (key: string): unknown => {
    const child = host.peek(handle, key, code);
    return child === 0 ? undefined : inner.open(child);
  };
  return {
    ...keyed(handle),
    get,
    entries: () => {
      const entries: [string, unknown][] = [];
      for (const key of host.mapKeys(handle)) {
        const child = get(key);
        if (child !== undefined) entries.push([key, child]);
      }
      return entries;
    },
    ensure: (key) => inner.open(host.child(handle, key, code)),
  };
}
