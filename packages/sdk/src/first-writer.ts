/** A value that is set once and for good: of two concurrent ones the earlier stays. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Check, checkOf } from "./check.ts";
import { createInlineField, type InlineField, type RecordPlace } from "./field.ts";
import { host } from "./host.ts";
import { formOf, rawOf, type Value } from "./value.ts";

export interface ReadonlyFirstWriter<V extends Value> {
  /** Undefined while nobody has set it. Until all have synchronised, an earlier value may still take its place. */
  get(): V | undefined;
}

export interface FirstWriter<V extends Value> extends ReadonlyFirstWriter<V> {
  /** Whether it was set: false when there is a value already. */
  set(value: V): boolean;
}

export type FirstWriterField<V extends Value> = InlineField<V, ReadonlyFirstWriter<V>, FirstWriter<V>>;

/** Declares a first-writer register: `owner: firstWriter<string>()`. A schema checks what is written. */
export function firstWriter<V extends Value>(schema?: StandardSchemaV1<unknown, V>): FirstWriterField<V> {
  return createInlineField("first-register", checkOf(schema), open<V>, openIn<V>);
}

function open<V extends Value>(handle: number, check: Check<V>): FirstWriter<V> {
  return {
    get: () => host.firstGet(handle) as V | undefined,
    set: (value) => {
      const checked = check(value);
      return host.firstSet(handle, rawOf(checked), formOf(checked));
    },
  };
}

function openIn<V extends Value>({ records, id, name }: RecordPlace, check: Check<V>): FirstWriter<V> {
  return {
    get: () => host.recordGet(records, id, "first-register", name) as V | undefined,
    set: (value) => {
      const checked = check(value);
      return host.recordSetFirst(records, id, name, rawOf(checked), formOf(checked));
    },
  };
}
