/**
 * Documents as they are read: immutable objects, made of a record's cell once. A cell never changes, so a document that
 * has not changed is the same object for as long as its record stays in memory or somebody holds it.
 */
import { type RecordCell, readCounter, readFirst, readLast, readMulti, readSet, type Value } from "../crdt/index.ts";
import type { AnyDocument } from "./index/definition.ts";
import { freeze, type Schema, type SchemaField } from "./schema/schema.ts";

export class DocumentReader {
  readonly #schema: Schema;
  readonly #documents = new WeakMap<RecordCell, AnyDocument>();

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** The document that a live cell shows. */
  read(id: string, cell: RecordCell): AnyDocument {
    const known = this.#documents.get(cell);
    if (known !== undefined) return known;
    const document = this.#make(id, cell);
    this.#documents.set(cell, document);
    return document;
  }

  /** The same, to look at and forget: one that nobody has been given is not kept. */
  glance(id: string, cell: RecordCell): AnyDocument {
    return this.#documents.get(cell) ?? this.#make(id, cell);
  }

  #make(id: string, cell: RecordCell): AnyDocument {
    const document: Record<string, unknown> & { id: string } = { id };
    for (const field of this.#schema.fields) {
      if (field.need === "handle") continue;
      const value = readField(cell, field);
      if (value !== undefined) document[field.name] = freeze(value);
    }
    return Object.freeze(document);
  }
}

/** What a field shows; its default when nothing was written. */
export function readField(cell: RecordCell, field: SchemaField): Value | undefined {
  switch (field.kind) {
    case "register":
      return orFallback(readLast(cell, field.name), field);
    case "firstWriter":
      return orFallback(readFirst(cell, field.name), field);
    case "multiValue":
      return readMulti(cell, field.name);
    case "counter":
      return readCounter(cell, field.name);
    case "set":
      return readSet(cell, field.name);
    case "removeWinsSet":
      return readSet(cell, field.name, "remove-wins");
    default:
      return undefined;
  }
}

/** Null is a value: only what was never written, or was cleared, shows the default. */
function orFallback(value: Value | undefined, field: SchemaField): Value | undefined {
  return value === undefined ? (field.fallback as Value | undefined) : value;
}
