/** Entries that members own, each its own and no other's, and entries that are named by their hash and never change. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Check, checkOf } from "./check.ts";
import { createValueField, type ValueField } from "./field.ts";
import { host } from "./host.ts";
import { formOf, rawOf, type Value } from "./value.ts";

export interface ReadonlyUserEntries<V extends Value> {
  /** The value of a member, by its public key in base58; undefined when it has set none or cleared it. */
  get(member: string): V | undefined;
  all(): [member: string, value: V][];
  size(): number;
}

export interface UserEntries<V extends Value> extends ReadonlyUserEntries<V> {
  /** Sets the caller's own value: no member can set another's, whatever program it runs. */
  set(value: V): void;
  clear(): void;
}

export interface ReadonlyFrozenEntries<V extends Value> {
  get(id: string): V | undefined;
  has(id: string): boolean;
  entries(): [id: string, value: V][];
  size(): number;
}

export interface FrozenEntries<V extends Value> extends ReadonlyFrozenEntries<V> {
  /** The id of the value, which is there from now on. Equal values have one id. */
  put(value: V): string;
}

export type UserEntriesField<V extends Value> = ValueField<V, ReadonlyUserEntries<V>, UserEntries<V>>;
export type FrozenEntriesField<V extends Value> = ValueField<V, ReadonlyFrozenEntries<V>, FrozenEntries<V>>;

/** Declares a value for each member: `votes: userEntries<string>()`. A schema checks what is set. */
export function userEntries<V extends Value>(schema?: StandardSchemaV1<unknown, V>): UserEntriesField<V> {
  return createValueField("user-entries", checkOf(schema), openUser<V>);
}

/** Declares values for ever: `receipts: frozenEntries<Receipt>()`. A schema checks what is put in. */
export function frozenEntries<V extends Value>(schema?: StandardSchemaV1<unknown, V>): FrozenEntriesField<V> {
  return createValueField("frozen-entries", checkOf(schema), openFrozen<V>);
}

function openUser<V extends Value>(handle: number, check: Check<V>): UserEntries<V> {
  return {
    get: (member) => host.userGet(handle, member) as V | undefined,
    all: () => host.userAll(handle) as [string, V][],
    size: () => host.userSize(handle),
    set: (value) => {
      const checked = check(value);
      host.userSet(handle, rawOf(checked), formOf(checked));
    },
    clear: () => host.userClear(handle),
  };
}

function openFrozen<V extends Value>(handle: number, check: Check<V>): FrozenEntries<V> {
  return {
    get: (id) => host.frozenGet(handle, id) as V | undefined,
    has: (id) => host.frozenHas(handle, id),
    entries: () => host.frozenEntries(handle) as [string, V][],
    size: () => host.frozenSize(handle),
    put: (value) => {
      const checked = check(value);
      return host.frozenPut(handle, rawOf(checked), formOf(checked));
    },
  };
}
