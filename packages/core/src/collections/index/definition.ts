/**
 * Definitions of indexes, and what they compile to: for each document the keys under which it is found.
 *
 * A *term* is something that a query can name: a field, or what an index's function makes of a document. An index has a
 * column for each of its terms. Functions are called with immutable documents and must be pure; one that throws gives
 * no value, since what a peer wrote cannot be refused any more.
 */
import { compareBytes } from "../../base/index.ts";
import { CollectionError } from "../errors.ts";
import { INDEX_COLUMNS_MAX, INDEXES_MAX, KEYS_PER_DOCUMENT_MAX } from "../limits.ts";
import { isName, type Schema } from "../schema/schema.ts";
import { encodeKey, type KeyValue } from "./ordered-key.ts";
import { wordsOf } from "./words.ts";

/** Any document, as indexes and queries see it. */
export interface AnyDocument {
  readonly id: string;
  readonly [field: string]: unknown;
}

export type KeyFunction<D, K> = (document: D) => K;

/** An index with more than a function: many keys for each document, a text, uniqueness, an explicit version. */
export interface IndexOptions<D, K> {
  readonly key: KeyFunction<D, K> | (keyof D & string) | readonly (keyof D & string)[];
  /** `each`: the function gives any number of keys. `words`: it gives text, indexed by its words. */
  readonly by?: "value" | "each" | "words";
  /** Report documents that share a key. It cannot be enforced: two members may write at the same time. */
  readonly unique?: boolean;
  /** Raise it when what the function calls has changed; without one the function's own text is compared. */
  readonly version?: number;
}

export type IndexDefinition<D, K> =
  | (keyof D & string)
  | readonly (keyof D & string)[]
  | KeyFunction<D, K>
  | IndexOptions<D, K>;

/** What a query can name. Equal names are equal terms. */
export interface Term {
  readonly name: string;
  of(document: AnyDocument): KeyValue;
}

export interface Index {
  readonly name: string;
  readonly by: "value" | "each" | "words";
  readonly isUnique: boolean;
  readonly columns: readonly Term[];
  /** Of an index of the words of a text: the field, and how its text is read, once the collection is there. */
  readonly follows: FollowedText | undefined;
  /** Changes when stored keys must be made anew. */
  readonly fingerprint: string;
  /** The keys of a document, ascending, each once. */
  keysOf(document: AnyDocument): readonly Uint8Array[];
  /** The values behind the keys: the elements of `each`, the words of `words`. */
  valuesOf(document: AnyDocument): readonly KeyValue[];
}

export interface FollowedText {
  readonly field: string;
  /** May throw a `Miss`. */
  read: (id: string) => string | undefined;
}

type Key<D, K> = string | KeyFunction<D, K>;

/** An index with an entry for every value that the field holds or the function gives: elements of a set, say. */
export function each<const N extends Key<never, Iterable<unknown>>>(key: N): { readonly key: N; readonly by: "each" } {
  return { key, by: "each" };
}

/** A text index: every word of the text, normalised, found by its beginning. */
export function words<const N extends Key<never, string | undefined>>(
  key: N,
): { readonly key: N; readonly by: "words" } {
  return { key, by: "words" };
}

/** An index that reports documents which share a key. */
export function unique<const N extends Key<never, unknown>>(key: N): { readonly key: N; readonly unique: true } {
  return { key, unique: true };
}

export function compileIndexes(schema: Schema, definitions: Readonly<Record<string, unknown>>): Index[] {
  const names = Object.keys(definitions);
  const invalid = (reason: string, name?: string): CollectionError =>
    new CollectionError("SCHEMA_INVALID", name === undefined ? reason : `index ${JSON.stringify(name)}: ${reason}`, {
      collection: schema.collection,
    });
  if (names.length > INDEXES_MAX) throw invalid(`a collection has at most ${INDEXES_MAX} indexes`);
  return names.map((name) => {
    if (!isName(name)) throw invalid("this is no name", name);
    const index = compileIndex(schema, name, definitions[name]);
    if (typeof index === "string") throw invalid(index, name);
    return index;
  });
}

export function fieldTerm(name: string): Term {
  return { name: `field ${name}`, of: (document) => document[name] as KeyValue };
}

function compileIndex(schema: Schema, name: string, definition: unknown): Index | string {
  const options = optionsOf(definition);
  if (options === undefined) return "expected a field, fields, a function, or options";
  const { key, by = "value", unique: isUnique = false, version } = options;
  if (typeof key === "function") {
    const of = guarded(key as KeyFunction<AnyDocument, unknown>);
    const column: Term = { name: `index ${name}`, of: (document) => of(document) as KeyValue };
    const fingerprint = `${by} ${version === undefined ? String(key) : `version ${version}`}`;
    return makeIndex({ name, by, isUnique, columns: [column], fingerprint, follows: undefined });
  }
  const fields = typeof key === "string" ? [key] : key;
  if (!Array.isArray(fields) || fields.length === 0 || fields.length > INDEX_COLUMNS_MAX) {
    return `expected 1 to ${INDEX_COLUMNS_MAX} fields`;
  }
  const [only] = fields;
  if (by === "words" && fields.length === 1 && schema.fieldsByName.get(only)?.kind === "text") {
    const follows: FollowedText = { field: only, read: () => undefined };
    const column: Term = { name: `text ${only}`, of: ({ id }) => follows.read(id) };
    const fingerprint = `text words ${JSON.stringify(only)} ${version ?? ""}`;
    return makeIndex({ name, by, isUnique: false, columns: [column], fingerprint, follows });
  }
  for (const field of fields) {
    const isShown = field === "id" || (schema.fieldsByName.get(field)?.need ?? "handle") !== "handle";
    if (!isShown) return `documents show no field ${JSON.stringify(field)}`;
  }
  if (by !== "value" && fields.length > 1) return `an index by ${by} has one field`;
  const fingerprint = `${by} ${JSON.stringify(fields)} ${version ?? ""}`;
  return makeIndex({ name, by, isUnique, columns: fields.map(fieldTerm), fingerprint, follows: undefined });
}

function optionsOf(definition: unknown): IndexOptions<AnyDocument, unknown> | undefined {
  if (typeof definition === "function" || typeof definition === "string" || Array.isArray(definition)) {
    return { key: definition as KeyFunction<AnyDocument, unknown> };
  }
  return typeof definition === "object" && definition !== null && "key" in definition
    ? (definition as IndexOptions<AnyDocument, unknown>)
    : undefined;
}

function makeIndex(parts: Omit<Index, "keysOf" | "valuesOf">): Index {
  const [first] = parts.columns;
  const valuesOf = (document: AnyDocument): readonly KeyValue[] => many(parts.by, first?.of(document));
  const keysOf = (document: AnyDocument): readonly Uint8Array[] =>
    parts.by === "value"
      ? [encodeKey(parts.columns.map((column) => column.of(document)))]
      : distinct(valuesOf(document).map((value) => encodeKey([value])));
  return { ...parts, keysOf, valuesOf };
}

function many(by: Index["by"], value: unknown): readonly KeyValue[] {
  if (by === "words") return typeof value === "string" ? wordsOf(value) : [];
  const values: KeyValue[] = [];
  if (typeof value !== "object" || value === null || !(Symbol.iterator in value)) return values;
  for (const item of value as Iterable<KeyValue>) {
    if (values.length >= KEYS_PER_DOCUMENT_MAX) break;
    values.push(item);
  }
  return values;
}

function distinct(keys: Uint8Array[]): Uint8Array[] {
  keys.sort(compareBytes);
  return keys.filter((key, i) => i === 0 || compareBytes(keys[i - 1] as Uint8Array, key) !== 0);
}

function guarded(key: KeyFunction<AnyDocument, unknown>): KeyFunction<AnyDocument, unknown> {
  return (document) => {
    try {
      return key(document);
    } catch {
      return undefined;
    }
  };
}
