/** A log: what members append, in one order for all, and nobody changes or takes away. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Check, checkOf } from "./check.ts";
import { createValueField, type ValueField } from "./field.ts";
import { host } from "./host.ts";
import { formOf, rawOf, type Value } from "./value.ts";

export interface LogEntry<V extends Value> {
  readonly id: string;
  /** Who appended it: a public key in base58, which nobody can forge. */
  readonly member: string;
  readonly value: V;
}

export interface ReadonlyLog<V extends Value> {
  size(): number;
  /** Entries behind the one of this id, or from the beginning; at most `limit`, and at most 1000. */
  page(after?: string, limit?: number): LogEntry<V>[];
}

export interface Log<V extends Value> extends ReadonlyLog<V> {
  /** The id of the new entry. */
  append(value: V): string;
}

export type LogField<V extends Value> = ValueField<V, ReadonlyLog<V>, Log<V>>;

/** Declares a log: `messages: log<Message>()`. A schema checks what is appended. */
export function log<V extends Value>(schema?: StandardSchemaV1<unknown, V>): LogField<V> {
  return createValueField("log", checkOf(schema), open<V>);
}

const PAGE_MAX = 1000;

function open<V extends Value>(handle: number, check: Check<V>): Log<V> {
  return {
    size: () => host.logSize(handle),
    page: (after, limit = PAGE_MAX) =>
      host.logPage(handle, after, limit).map(([id, member, value]) => ({ id, member, value: value as V })),
    append: (value) => {
      const checked = check(value);
      return host.logAppend(handle, rawOf(checked), formOf(checked));
    },
  };
}
