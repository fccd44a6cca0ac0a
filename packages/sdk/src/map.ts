/**
 * A map from string keys to values (`map(register<V>())`: each key is a register of its own) or to containers
 * (`map(text())`, `map(map(counter()))`). Of concurrent settings of one key the later stays; concurrent creations of
 * a container under one key are one container, whose contents merge.
 */
import { createField, type Field } from "./field.ts";
import { CONTAINER_CODE, host } from "./host.ts";
import type { RegisterField } from "./register.ts";
import { formOf, rawOf, type Value } from "./value.ts";

interface Keyed {
  has(key: string): boolean;
  keys(): string[];
  size(): number;
}

export interface ReadonlyValueMap<V extends Value> extends Keyed {
  get(key: string): V | undefined;
  entries(): [key: string, value: V][];
}

export interface ValueMap<V extends Value> extends ReadonlyValueMap<V> {
  set(key: string, value: V): void;
  delete(key: string): void;
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
  delete(key: string): void;
}

/** Declares a map of values: `settings: map(register<string>())`. */
export function map<V extends Value>(inner: RegisterField<V>): Field<ReadonlyValueMap<V>, ValueMap<V>>;
/** Declares a map of containers: `documents: map(text())`. */
export function map<Read, Write extends Read>(
  inner: Field<Read, Write>,
): Field<ReadonlyContainerMap<Read>, ContainerMap<Read, Write>>;
export function map(inner: Field<unknown, unknown>): Field<Keyed, Keyed> {
  return createField<Keyed, Keyed>(
    "map",
    inner.type === "register" ? openValues : (handle) => openContainers(handle, inner),
  );
}

function keyed(handle: number): Keyed & { delete(key: string): void } {
  return {
    has: (key) => host.mapHas(handle, key),
    keys: () => host.mapKeys(handle),
    size: () => host.mapSize(handle),
    delete: (key) => host.mapDelete(handle, key),
  };
}

function openValues(handle: number): ValueMap<Value> {
  return {
    ...keyed(handle),
    get: (key) => host.mapGet(handle, key) as Value | undefined,
    set: (key, value) => host.mapSet(handle, key, rawOf(value), formOf(value)),
    entries: () => host.mapKeys(handle).map((key) => [key, host.mapGet(handle, key) as Value]),
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
    entries: () => host.mapKeys(handle).flatMap((key) => (host.peek(handle, key, code) === 0 ? [] : [[key, get(key)]])),
    ensure: (key) => inner.open(host.child(handle, key, code)),
  };
}
