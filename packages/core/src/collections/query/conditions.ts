/**
 * What a query asks for, compiled: each condition as a term and encoded keys, so that an index's bounds, a test of one
 * document and the order of results are all the same comparison of bytes.
 */
import { base58ToBytes, bytesToBase58, compareBytes, EMPTY_BYTES, Reader, Writer } from "../../base/index.ts";
import { compareIds } from "../../crdt/index.ts";
import { CollectionError } from "../errors.ts";
import { type AnyDocument, fieldTerm, type Index, type Term } from "../index/definition.ts";
import { encodeKey, type KeyValue } from "../index/ordered-key.ts";
import { matchesWords, wordsOf } from "../index/words.ts";
import { DOCUMENT_ID_BYTES_MAX, INDEX_COLUMN_BYTES_MAX } from "../limits.ts";
import { checkValue } from "../schema/check-value.ts";
import type { Schema } from "../schema/schema.ts";

/** A query as written, without its types. */
export interface QueryOptions {
  readonly where?: object;
  readonly range?: object;
  readonly contains?: object;
  readonly match?: object;
  readonly filter?: (document: never) => boolean;
  readonly orderBy?: string | readonly [string, ("asc" | "desc")?];
  readonly limit?: number;
  readonly offset?: number;
  readonly after?: string;
}

export interface Equality {
  readonly term: Term;
  readonly key: Uint8Array;
}

export interface KeyRange {
  readonly term: Term;
  readonly gte?: Uint8Array;
  readonly gt?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly lte?: Uint8Array;
}

export interface WordSearch {
  readonly term: Term;
  readonly words: readonly string[];
}

/** Where in the order of a query something stands. */
export interface Position {
  readonly key: Uint8Array;
  readonly id: string;
}

export interface Conditions {
  readonly equalities: ReadonlyMap<string, Equality>;
  readonly ranges: ReadonlyMap<string, KeyRange>;
  readonly elements: readonly Equality[];
  readonly searches: readonly WordSearch[];
  readonly filter: ((document: AnyDocument) => boolean) | undefined;
  /** By id alone when it has no term. */
  readonly order: { readonly term: Term | undefined; readonly reverse: boolean };
  readonly limit: number;
  readonly offset: number;
  readonly after: Position | undefined;
}

const OPTION_NAMES: ReadonlySet<string> = new Set<keyof QueryOptions>([
  "where",
  "range",
  "contains",
  "match",
  "filter",
  "orderBy",
  "limit",
  "offset",
  "after",
]);
const CURSOR_CHARS_MAX = 2 * (INDEX_COLUMN_BYTES_MAX + DOCUMENT_ID_BYTES_MAX);

type Resolve = (name: string) => readonly Term[];

/** Throws `QUERY_INVALID` for what cannot be asked. */
export function compileQuery(
  schema: Schema,
  indexes: ReadonlyMap<string, { readonly index: Index }>,
  options: QueryOptions,
): Conditions {
  checkNames(schema, options);
  const resolve: Resolve = (name) => {
    const columns = indexes.get(name)?.index.columns;
    if (columns !== undefined) return columns;
    const need = schema.fieldsByName.get(name)?.need;
    if (name === "id" || (need !== undefined && need !== "handle")) return [fieldTerm(name)];
    throw invalid(schema, `${JSON.stringify(name)} is neither an index nor a field that documents show`);
  };
  const one = (name: string): Term => {
    const [term, ...rest] = resolve(name);
    if (term !== undefined && rest.length === 0) return term;
    throw invalid(schema, `${JSON.stringify(name)} is an index of several fields: name the fields`);
  };
  const ranges = new Map<string, KeyRange>();
  for (const [name, bounds] of Object.entries(options.range ?? {})) {
    const term = one(name);
    ranges.set(term.name, compileRange(schema, term, bounds));
  }
  const equalities = compileEqualities(schema, resolve, options.where ?? {});
  const order = compileOrder(schema, one, options.orderBy, ranges);
  // What is the same in all results orders none of them.
  const isFixed = order.term !== undefined && equalities.has(order.term.name);
  return {
    equalities,
    ranges,
    elements: Object.entries(options.contains ?? {}).map(([name, value]) => equality(schema, one(name), value)),
    searches: Object.entries(options.match ?? {}).map(([name, text]) => compileSearch(schema, one(name), text)),
    filter: options.filter as ((document: AnyDocument) => boolean) | undefined,
    order: isFixed ? { ...order, term: undefined } : order,
    limit: natural(schema, "limit", options.limit, Number.POSITIVE_INFINITY),
    offset: natural(schema, "offset", options.offset, 0),
    after: options.after === undefined ? undefined : decodeCursor(schema, options.after),
  };
}

/** Whether a document fulfils every condition. */
export function matches(conditions: Conditions, document: AnyDocument): boolean {
  for (const { term, key } of conditions.equalities.values()) {
    if (compareBytes(encodeKey([term.of(document)]), key) !== 0) return false;
  }
  for (const range of conditions.ranges.values()) {
    if (!isWithin(encodeKey([range.term.of(document)]), range)) return false;
  }
  for (const { term, key } of conditions.elements) if (!holds(term.of(document), key)) return false;
  for (const { term, words } of conditions.searches) {
    const text: unknown = term.of(document);
    if (typeof text !== "string" || !matchesWords(wordsOf(text), words)) return false;
  }
  return conditions.filter === undefined || conditions.filter(document);
}

export function positionOf({ order }: Conditions, document: AnyDocument): Position {
  return { key: order.term === undefined ? EMPTY_BYTES : encodeKey([order.term.of(document)]), id: document.id };
}

/** The order of results. */
export function comparePositions({ order }: Pick<Conditions, "order">, a: Position, b: Position): number {
  const ascending = compareBytes(a.key, b.key) || compareIds(a.id, b.id);
  return order.reverse ? -ascending : ascending;
}

export function encodeCursor({ key, id }: Position): string {
  return bytesToBase58(new Writer(64).bytes(key).string(id).toBytes());
}

function decodeCursor(schema: Schema, cursor: string): Position {
  const bytes = typeof cursor === "string" ? base58ToBytes(cursor, CURSOR_CHARS_MAX) : undefined;
  const reader = new Reader(bytes ?? EMPTY_BYTES);
  const key = reader.bytes(INDEX_COLUMN_BYTES_MAX).slice();
  const id = reader.string(DOCUMENT_ID_BYTES_MAX);
  if (!reader.finish()) throw invalid(schema, "`after` is the cursor of a page");
  return { key, id };
}

function checkNames(schema: Schema, options: QueryOptions): void {
  for (const name of Object.keys(options)) {
    if (!OPTION_NAMES.has(name)) throw invalid(schema, `a query has no ${JSON.stringify(name)}`);
  }
  const { filter } = options;
  if (filter !== undefined && typeof filter !== "function") throw invalid(schema, "a filter is a function");
}

function equality(schema: Schema, term: Term, value: unknown): Equality {
  return { term, key: keyOf(schema, term, value) };
}

/** Undefined is what a document lacks, and infinities are bounds; what no document can hold is no value to ask for. */
function keyOf(schema: Schema, { name }: Term, value: unknown): Uint8Array {
  const isAsked = value === undefined || (typeof value === "number" && !Number.isNaN(value));
  const fault = isAsked ? undefined : checkValue(value);
  if (fault === undefined) return encodeKey([value as KeyValue]);
  throw invalid(schema, `${name} cannot be that: ${fault.reason}`);
}

function compileEqualities(schema: Schema, resolve: Resolve, where: object): Map<string, Equality> {
  const equalities = new Map<string, Equality>();
  for (const [name, value] of Object.entries(where)) {
    const terms = resolve(name);
    const values: unknown = terms.length === 1 ? [value] : value;
    if (!Array.isArray(values) || values.length !== terms.length) {
      throw invalid(schema, `index ${JSON.stringify(name)} is asked for with an array of ${terms.length} values`);
    }
    for (const [i, term] of terms.entries()) equalities.set(term.name, equality(schema, term, values[i]));
  }
  return equalities;
}

function compileRange(schema: Schema, term: Term, bounds: unknown): KeyRange {
  if (typeof bounds !== "object" || bounds === null) throw invalid(schema, "a range is an object of gt, gte, lt, lte");
  const range: Record<string, Uint8Array> = {};
  for (const [name, value] of Object.entries(bounds)) {
    if (!["gt", "gte", "lt", "lte"].includes(name)) throw invalid(schema, `a range has no ${JSON.stringify(name)}`);
    if (value !== undefined) range[name] = keyOf(schema, term, value);
  }
  return { term, ...range };
}

function compileSearch(schema: Schema, term: Term, text: unknown): WordSearch {
  if (typeof text !== "string") throw invalid(schema, "words are searched by text");
  return { term, words: wordsOf(text) };
}

function compileOrder(
  schema: Schema,
  one: (name: string) => Term,
  orderBy: QueryOptions["orderBy"],
  ranges: ReadonlyMap<string, KeyRange>,
): Conditions["order"] {
  if (orderBy === undefined) return { term: ranges.values().next().value?.term, reverse: false };
  const [name, direction = "asc"] = typeof orderBy === "string" ? [orderBy] : orderBy;
  if (direction !== "asc" && direction !== "desc") throw invalid(schema, 'the order is "asc" or "desc"');
  return { term: name === "id" ? undefined : one(name), reverse: direction === "desc" };
}

function natural(schema: Schema, name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(schema, `${name} is a natural number`);
}

function isWithin(key: Uint8Array, { gte, gt, lt, lte }: KeyRange): boolean {
  if (gte !== undefined && compareBytes(key, gte) < 0) return false;
  if (gt !== undefined && compareBytes(key, gt) <= 0) return false;
  if (lt !== undefined && compareBytes(key, lt) >= 0) return false;
  return lte === undefined || compareBytes(key, lte) <= 0;
}

function holds(values: unknown, key: Uint8Array): boolean {
  if (typeof values !== "object" || values === null || !(Symbol.iterator in values)) return false;
  for (const value of values as Iterable<KeyValue>) if (compareBytes(encodeKey([value]), key) === 0) return true;
  return false;
}

function invalid(schema: Schema, reason: string): CollectionError {
  return new CollectionError("QUERY_INVALID", reason, { collection: schema.collection });
}
