/** A register: one value; of two concurrent ones the later stays. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Check, checkOf } from "./check.ts";
import { createInlineField, type InlineField, type RecordPlace } from "./field.ts";
import { host } from "./host.ts";
import { formOf, rawOf, type Value } from "./value.ts";

export interface ReadonlyRegister<V extends Value> {
  /** Undefined before the first `set`, and once it is cleared. */
  get(): V | undefined;
}

export interface Register<V extends Value> extends ReadonlyRegister<V> {
  set(value: V): void;
  clear(): void;
}

export interface RegisterField<V extends Value> extends InlineField<V, ReadonlyRegister<V>, Register<V>> {
  readonly type: "register";
}

/** Declares a register: `title: register<string>()`. A schema checks what is written. */
export function register<V extends Value>(schema?: StandardSchemaV1<unknown, V>): RegisterField<V> {
  return createInlineField("register", checkOf(schema), open<V>, openIn<V>) as RegisterField<V>;
}

function open<V extends Value>(handle: number, check: Check<V>): Register<V> {
  return {
    get: () => host.registerGet(handle) as V | undefined,
    set: (value) => {
      const checked = check(value);
      host.registerSet(handle, rawOf(checked), formOf(checked));
    },
    clear: () => host.registerClear(handle),
  };
}

function openIn<V extends Value>({ records, id, name }: RecordPlace, check: Check<V>): Register<V> {
  return {
    get: () => host.recordGet(records, id, "register", name) as V | undefined,
    set: (value) => {
      const checked = check(value);
      host.recordSet(records, id, name, rawOf(checked), formOf(checked));
    },
    clear: () => host.recordClear(records, id, name),
  };
}
