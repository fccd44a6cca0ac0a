/**
 * Records: documents by id, each of named fields. Registers, counters and sets lie in the document itself, so reading
 * one is one look-up; texts, lists and other containers are its children, made when they are first written to. A
 * document that is deleted and inserted again begins empty.
 */

import type { AnyField } from "./contents.ts";
import { createField, type Field, type InlineField, type ReadOf, type WriteOf } from "./field.ts";
import { CONTAINER_CODE, host } from "./host.ts";
import type { Value } from "./value.ts";

type RecordFields = { readonly [name: string]: AnyField };

export interface ReadonlyChild<C> {
  /** Undefined while nobody has written to it. */
  get(): C | undefined;
}

export interface Child<Read, Write extends Read> extends ReadonlyChild<Read> {
  get(): Write | undefined;
  /** The container, made when it is not there. */
  ensure(): Write;
}

type IsInline<F> = F extends { openIn: unknown } ? true : false;
type ReadField<F> = IsInline<F> extends true ? ReadOf<F> : ReadonlyChild<ReadOf<F>>;
type WriteField<F> =
  IsInline<F> extends true ? WriteOf<F> : WriteOf<F> extends ReadOf<F> ? Child<ReadOf<F>, WriteOf<F>> : never;

/** A document's fields, and `id`. */
export type ReadonlyDocument<F extends RecordFields> = { readonly id: string } & {
  readonly [Name in keyof F]: ReadField<F[Name]>;
};
export type Document<F extends RecordFields> = { readonly id: string } & {
  readonly [Name in keyof F]: WriteField<F[Name]>;
};

/** The values that an insert may begin with: those of registers, whose `set` it calls. */
export type Initial<F extends RecordFields> = {
  readonly [Name in keyof F]?: WriteOf<F[Name]> extends { set(value: infer V): unknown } ? V : never;
};

interface ReadonlyIds {
  has(id: string): boolean;
  /** Ids above `after`, ascending by their UTF-8; at most `limit`, and at most 1000. */
  ids(after?: string, limit?: number): string[];
}

export interface ReadonlyRecords<F extends RecordFields> extends ReadonlyIds {
  get(id: string): ReadonlyDocument<F> | undefined;
  /** Every document, in the order of the ids. */
  all(): ReadonlyDocument<F>[];
}

export interface Records<F extends RecordFields> extends ReadonlyIds {
  get(id: string): Document<F> | undefined;
  all(): Document<F>[];
  /** A new document; refused with `RECORD_EXISTS` when one is there. */
  insert(id: string, initial?: Initial<F>): Document<F>;
  /** Whether it was there. */
  delete(id: string): boolean;
}

/** Declares records: `tasks: records({ title: register<string>(), done: register<boolean>(), notes: text() })`. */
export function records<const F extends RecordFields>(fields: F): Field<ReadonlyRecords<F>, Records<F>> {
  if ("id" in fields) throw new Error("a record's id is its own: name the field otherwise");
  return createField<unknown, unknown>("records", (handle) => open(handle, fields), Object.values(fields)) as Field<
    ReadonlyRecords<F>,
    Records<F>
  >;
}

const PAGE_MAX = 1000;

interface LooseRecords extends ReadonlyIds {
  get(id: string): object | undefined;
  all(): object[];
  insert(id: string, initial?: { readonly [name: string]: Value }): object;
  delete(id: string): boolean;
}

function open(handle: number, fields: RecordFields): LooseRecords {
  const document = (id: string): { readonly [name: string]: unknown } => openDocument(handle, id, fields);
  const ids = (after?: string, limit: number = PAGE_MAX): string[] => host.recordPage(handle, after, limit);
  return {
    has: (id) => host.recordHas(handle, id),
    ids,
    get: (id) => (host.recordHas(handle, id) ? document(id) : undefined),
    all: () => {
      const all: object[] = [];
      for (let page = ids(); page.length > 0; page = page.length < PAGE_MAX ? [] : ids(page.at(-1)))
        for (const id of page) all.push(document(id));
      return all;
    },
    insert: (id, initial = {}) => {
      host.recordInsert(handle, id);
      const inserted = document(id);
      for (const [name, value] of Object.entries(initial)) {
        if (value !== undefined) (inserted[name] as { set(value: Value): unknown }).set(value);
      }
      return inserted;
    },
    delete: (id) => host.recordDelete(handle, id),
  };
}

/** Fields are opened when they are asked for. */
function openDocument(records: number, id: string, fields: RecordFields): { readonly [name: string]: unknown } {
  const document = { id };
  for (const [name, field] of Object.entries(fields)) {
    const get = (): unknown =>
      isInline(field) ? field.openIn({ records, id, name }) : openChild(records, id, name, field);
    Object.defineProperty(document, name, { get, enumerable: true });
  }
  return document;
}

function isInline(field: AnyField): field is InlineField<Value, unknown, unknown> {
  return "openIn" in field;
}

function openChild(records: number, id: string, name: string, field: AnyField): Child<unknown, unknown> {
  const code = CONTAINER_CODE[field.type];
  return {
    get: () => {
      const child = host.recordPeek(records, id, name, code);
      return child === 0 ? undefined : field.open(child);
    },
    ensure: () => field.open(host.recordChild(records, id, name, code)),
  };
}
