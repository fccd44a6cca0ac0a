/** A value of which concurrent ones all stay to be seen, until somebody who sees them sets one in their place. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Check, checkOf } from "./check.ts";
import { createInlineField, type InlineField, type RecordPlace } from "./field.ts";
import { host } from "./host.ts";
import { formOf, rawOf, type Value } from "./value.ts";

export interface ReadonlyMultiValue<V extends Value> {
  /** What a register would show; undefined when nothing was set. */
  get(): V | undefined;
  /** All values, latest first; more than one is a conflict. */
  values(): V[];
}

export interface MultiValue<V extends Value> extends ReadonlyMultiValue<V> {
  /** In place of all that show. */
  set(value: V): void;
}

export type MultiValueField<V extends Value> = InlineField<V, ReadonlyMultiValue<V>, MultiValue<V>>;

/** Declares a multi-value register: `title: multiValue<string>()`. A schema checks what is written. */
export function multiValue<V extends Value>(schema?: StandardSchemaV1<unknown, V>): MultiValueField<V> {
  return createInlineField("multi-register", checkOf(schema), open<V>, openIn<V>);
}

function open<V extends Value>(handle: number, check: Check<V>): MultiValue<V> {
  const values = (): V[] => host.multiValues(handle) as V[];
  return {
    get: () => values()[0],
    values,
    set: (value) => {
      const checked = check(value);
      host.multiSet(handle, rawOf(checked), formOf(checked));
    },
  };
}

function openIn<V extends Value>({ records, id, name }: RecordPlace, check: Check<V>): MultiValue<V> {
  const values = (): V[] => (host.recordGet(records, id, "multi-register", name) ?? []) as V[];
  return {
    get: () => values()[0],
    values,
    set: (value) => {
      const checked = check(value);
      host.recordSetMulti(records, id, name, rawOf(checked), formOf(checked));
    },
  };
}
