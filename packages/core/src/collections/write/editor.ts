/**
 * The editor of a document in a transaction: registers are assigned to, counters, sets and multi-value registers have
 * methods, texts and other containers give their writer. One class for each schema, made once. Everything is checked
 * as it is written; a refusal takes the whole transaction back.
 */
import { compareBytes, must } from "../../base/index.ts";
import type { RecordCell, RecordEditor, RecordsWriter, Value } from "../../crdt/index.ts";
import { readField } from "../documents.ts";
import { CollectionError } from "../errors.ts";
import { encodeKey } from "../index/ordered-key.ts";
import type { CounterEditor, ElementsEditor, MultiValueEditor } from "../schema/editors.ts";
import type { ChildKind } from "../schema/fields.ts";
import { checkAmount, checkAssigned, checkOne, freeze, type Schema, type SchemaField } from "../schema/schema.ts";
import { listEditor } from "./list-editor.ts";

/** One document of a transaction. */
export interface Draft {
  readonly schema: Schema;
  readonly records: RecordsWriter;
  readonly record: RecordEditor;
  readonly id: string;
}

export type OpenEditor = (draft: Draft) => object;

/** Makes the editors of a schema. */
export function createEditors(schema: Schema): OpenEditor {
  const refuse = (reason: string, code: "FIELD_UNKNOWN" | "DOCUMENT_INVALID", field: string): CollectionError =>
    new CollectionError(code, reason, { collection: schema.collection, field });
  // Behind the fields, so that nothing but an assignment to what is none of them comes here.
  const unknown = new Proxy(Object.prototype, {
    set: (_, name) => {
      throw refuse("there is no such field", "FIELD_UNKNOWN", String(name));
    },
  });
  class DocumentEditor {
    readonly id: string;
    readonly #draft: Draft;

    constructor(draft: Draft) {
      this.id = draft.id;
      this.#draft = draft;
    }

    static draftOf(editor: DocumentEditor): Draft {
      return editor.#draft;
    }
  }
  Object.setPrototypeOf(DocumentEditor.prototype, unknown);
  for (const field of schema.fields) {
    const isAssigned = field.kind === "register" || field.kind === "firstWriter";
    Object.defineProperty(DocumentEditor.prototype, field.name, {
      enumerable: true,
      get(this: DocumentEditor) {
        const draft = DocumentEditor.draftOf(this);
        return isAssigned ? freeze(readField(cellOf(draft), field)) : partEditor(draft, field);
      },
      set(this: DocumentEditor, value: unknown) {
        if (!isAssigned) throw refuse("it is changed by its methods, not assigned to", "DOCUMENT_INVALID", field.name);
        const draft = DocumentEditor.draftOf(this);
        assign(draft.record, field, checkAssigned(draft.schema, field, value));
      },
    });
  }
  return (draft) => new DocumentEditor(draft);
}

/** Writes the checked value of a field that holds one; undefined clears it. */
export function assign(record: RecordEditor, field: SchemaField, value: Value | undefined): void {
  if (field.kind === "multiValue") {
    if (value !== undefined) record.setMulti(field.name, value);
  } else if (field.kind === "firstWriter") {
    if (value !== undefined) record.setFirst(field.name, value);
  } else if (value === undefined) record.clear(field.name);
  else record.set(field.name, value);
}

function cellOf({ records, id }: Draft): RecordCell {
  return must(records.get(id), "an editor's document is there");
}

function partEditor(draft: Draft, field: SchemaField): object {
  switch (field.kind) {
    case "counter":
      return counterEditor(draft, field);
    case "set":
    case "removeWinsSet":
      return elementsEditor(draft, field);
    case "multiValue":
      return multiValueEditor(draft, field);
    case "list":
      return listEditor(draft.record.child("list", field.name), (value) => checkOne(draft.schema, field, value, ""));
    default:
      return draft.record.child(field.kind as ChildKind, field.name);
  }
}

function counterEditor(draft: Draft, field: SchemaField): CounterEditor {
  return {
    get value() {
      return readField(cellOf(draft), field) as number;
    },
    increment: (by = 1) => draft.record.add(field.name, checkAmount(draft.schema, field, by)),
    decrement: (by = 1) => draft.record.add(field.name, checkAmount(draft.schema, field, -by)),
  };
}

function elementsEditor(draft: Draft, field: SchemaField): ElementsEditor<Value> {
  const policy = field.kind === "set" ? "add-wins" : "remove-wins";
  const values = (): readonly Value[] => readField(cellOf(draft), field) as readonly Value[];
  const has = (element: Value): boolean => values().some((value) => isSame(value, element));
  return {
    get values() {
      return freeze(values());
    },
    has,
    add: (element) => draft.record.addTo(field.name, checkOne(draft.schema, field, element, ""), policy),
    remove: (element) => {
      const wasIn = has(element);
      draft.record.removeFrom(field.name, element, policy);
      return wasIn;
    },
  };
}

function multiValueEditor(draft: Draft, field: SchemaField): MultiValueEditor<Value> {
  return {
    get values() {
      return freeze(readField(cellOf(draft), field) as readonly Value[]);
    },
    set: (value) => draft.record.setMulti(field.name, checkOne(draft.schema, field, value, "")),
  };
}

function isSame(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  return compareBytes(encodeKey([a]), encodeKey([b])) === 0;
}
