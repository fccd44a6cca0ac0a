/**
 * The writes of one transaction to one collection. They take effect in memory at once and are seen by the reads that
 * follow; the transaction commits them together with all its others, or takes all of them back.
 */
import { type RecordEditor, type RecordsWriter, type Value, WriteRefused } from "../../crdt/index.ts";
import type { DocumentReader } from "../documents.ts";
import { CollectionError, type Place } from "../errors.ts";
import type { AnyDocument } from "../index/definition.ts";
import { drawGraph, type GraphInput, plantTree, type TreeInput } from "../schema/child-inputs.ts";
import { type CheckedInput, checkId, checkInput, checkPatch, type Schema, type SchemaField } from "../schema/schema.ts";
import { assign, type OpenEditor } from "./editor.ts";
import { pushAll } from "./list-editor.ts";

export interface WriterParts {
  readonly schema: Schema;
  readonly reader: DocumentReader;
  readonly openEditor: OpenEditor;
  readonly newId: () => string;
  readonly records: RecordsWriter;
}

/** New values by field, or a function that edits. */
export type Change = object | ((document: object) => void);

export class CollectionWriter {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  get(id: string): AnyDocument | undefined {
    const cell = this.#parts.records.get(checkId(this.#parts.schema, id));
    return cell && this.#parts.reader.read(id, cell);
  }

  has(id: string): boolean {
    return this.#parts.records.has(checkId(this.#parts.schema, id));
  }

  insert(input: object): string {
    return this.insertChecked(checkInput(this.#parts.schema, input));
  }

  insertChecked(input: CheckedInput): string {
    const id = input.id ?? this.#parts.newId();
    return this.#placed({ id }, () => {
      fill(this.#parts.records.insert(id), this.#parts.schema, input);
      return id;
    });
  }

  update(id: string, change: Change): void {
    const { schema, records, openEditor } = this.#parts;
    checkId(schema, id);
    this.#placed({ id }, () => {
      const record = records.edit(id);
      if (typeof change === "function") change(openEditor({ schema, records, record, id }) as object);
      else for (const [field, value] of checkPatch(schema, change)) assign(record, field, value);
    });
  }

  /** Inserts; where the document is there, sets the given values, adds the given elements and amounts. */
  upsert(input: object): string {
    return this.upsertChecked(checkInput(this.#parts.schema, input), input);
  }

  upsertChecked(checked: CheckedInput, input: object): string {
    const { id } = checked;
    if (id === undefined || !this.#parts.records.has(id)) return this.insertChecked(checked);
    return this.#placed({ id }, () => {
      const isGiven = (field: SchemaField): boolean => (input as Record<string, unknown>)[field.name] !== undefined;
      merge(this.#parts.records.edit(id), this.#parts.schema, checked, isGiven);
      return id;
    });
  }

  /** Whether it was there. */
  delete(id: string): boolean {
    return this.#parts.records.delete(checkId(this.#parts.schema, id));
  }

  #placed<T>(place: Place, run: () => T): T {
    try {
      return run();
    } catch (thrown) {
      const here = { collection: this.#parts.schema.collection, ...place };
      if (thrown instanceof CollectionError) throw thrown.at(here);
      if (thrown instanceof WriteRefused) throw fromRefusal(thrown, here);
      throw thrown;
    }
  }
}

/** A refusal of the state, in the words of collections. */
export function fromRefusal(refusal: WriteRefused, place: Place): CollectionError {
  if (refusal.code === "RECORD_EXISTS") {
    return new CollectionError("DOCUMENT_EXISTS", "a document with this id is there", place, { cause: refusal });
  }
  if (refusal.code === "RECORD_MISSING") {
    return new CollectionError("DOCUMENT_MISSING", "there is no document with this id", place, { cause: refusal });
  }
  return new CollectionError(refusal.code, refusal.message, place, { cause: refusal });
}

function fill(record: RecordEditor, schema: Schema, input: CheckedInput): void {
  const { fields } = schema;
  for (let i = 0; i < fields.length; i++) {
    const value = input.values[i];
    if (value !== undefined) put(record, fields[i] as SchemaField, value);
  }
}

/** As `fill`, but what was not given stays, defaults too, and so do containers, which have a history of their own. */
function merge(
  record: RecordEditor,
  schema: Schema,
  input: CheckedInput,
  isGiven: (field: SchemaField) => boolean,
): void {
  for (const [i, field] of schema.fields.entries()) {
    const value = input.values[i];
    if (value !== undefined && field.need !== "handle" && isGiven(field)) put(record, field, value);
  }
}

function put(record: RecordEditor, field: SchemaField, value: Value): void {
  switch (field.kind) {
    case "counter":
      record.add(field.name, value as number);
      return;
    case "set":
      for (const element of value as readonly Value[]) record.addTo(field.name, element);
      return;
    case "removeWinsSet":
      for (const element of value as readonly Value[]) record.addTo(field.name, element, "remove-wins");
      return;
    case "text":
      record.child("text", field.name).insert(0, value as string);
      return;
    case "map":
      for (const [key, entry] of Object.entries(value as object)) record.child("map", field.name).set(key, entry);
      return;
    case "list":
      pushAll(record.child("list", field.name), value as readonly Value[]);
      return;
    case "tree":
      plantTree(record.child("tree", field.name), value as TreeInput);
      return;
    case "graph":
    case "remove-wins-graph":
      drawGraph(record.child(field.kind, field.name), value as unknown as GraphInput);
      return;
    default:
      assign(record, field, value);
  }
}
