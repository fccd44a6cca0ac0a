/**
 * A compiled schema: the fields of a collection in a fixed order, and the checks of what is handed in for them.
 *
 * Checks happen before a transaction begins: a refused document has touched nothing. What is read is not checked again,
 * since a schema may make something else of what it takes in; what a program of another schema wrote shows as it is.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { utf8 } from "../../base/index.ts";
import type { Value } from "../../crdt/index.ts";
import { CollectionError } from "../errors.ts";
import { DOCUMENT_ID_BYTES_MAX, NAME_BYTES_MAX, SCHEMA_FIELDS_MAX } from "../limits.ts";
import { checkValue, isSafeKey } from "./check-value.ts";
import { graphFault, treeFault } from "./child-inputs.ts";
import type { AnyField, FieldKind, Fields } from "./fields.ts";

export interface SchemaField extends Omit<AnyField, "~types"> {
  readonly name: string;
  readonly kind: FieldKind;
}

export interface Schema {
  readonly collection: string;
  readonly version: number;
  readonly fields: readonly SchemaField[];
  readonly fieldsByName: ReadonlyMap<string, SchemaField>;
}

type Named = Pick<Schema, "collection">;

/** Checked content of a document, by the order of the schema's fields; undefined where nothing was given. */
export interface CheckedInput {
  readonly id: string | undefined;
  readonly values: readonly (Value | undefined)[];
}

/** Checked new values, each with its field. */
export type CheckedPatch = readonly (readonly [SchemaField, Value | undefined])[];

/** Throws `SCHEMA_INVALID` for what is no schema. */
export function compileSchema(collection: string, version: number, fields: Fields): Schema {
  if (!isName(collection)) throw new CollectionError("SCHEMA_INVALID", `${JSON.stringify(collection)} is no name`);
  const invalid = (reason: string, field?: string): CollectionError =>
    new CollectionError("SCHEMA_INVALID", reason, { collection, ...(field === undefined ? {} : { field }) });
  if (!Number.isSafeInteger(version) || version < 1) throw invalid("a version is a natural number from 1 on");
  const names = Object.keys(fields);
  if (names.length > SCHEMA_FIELDS_MAX) throw invalid(`a schema has at most ${SCHEMA_FIELDS_MAX} fields`);
  const compiled = names.map((name) => {
    if (!isName(name) || name === "id") throw invalid("this is no name of a field", name);
    return compileField(collection, { ...(fields[name] as AnyField), name });
  });
  return { collection, version, fields: compiled, fieldsByName: new Map(compiled.map((field) => [field.name, field])) };
}

/** A default is checked as what is written is, and is the same immutable object wherever it shows. */
function compileField(collection: string, field: SchemaField): SchemaField {
  const isDefault = field.need === "given" && (field.kind === "register" || field.kind === "firstWriter");
  return {
    ...field,
    fallback: freeze(isDefault ? checkOne({ collection }, field, field.fallback, "") : field.fallback),
  };
}

export function isName(name: unknown): name is string {
  if (typeof name !== "string" || name === "" || !name.isWellFormed() || !isSafeKey(name)) return false;
  return name.length <= NAME_BYTES_MAX && utf8(name).length <= NAME_BYTES_MAX;
}

/** Throws `ID_INVALID` for what is no id. */
export function checkId(schema: Named, id: unknown): string {
  const isId = typeof id === "string" && id !== "" && id.length <= DOCUMENT_ID_BYTES_MAX && id.isWellFormed();
  if (isId && (id.length * 3 <= DOCUMENT_ID_BYTES_MAX || utf8(id).length <= DOCUMENT_ID_BYTES_MAX)) return id;
  const reason = `an id is well-formed text of 1 to ${DOCUMENT_ID_BYTES_MAX} bytes`;
  throw new CollectionError("ID_INVALID", reason, { collection: schema.collection });
}

/** A whole document, with the defaults of what was left out. */
export function checkInput(schema: Schema, input: unknown): CheckedInput {
  const properties = propertiesOf(schema, input);
  const { id: given } = properties;
  const id = given === undefined ? undefined : checkId(schema, given);
  try {
    for (const name of Object.keys(properties)) if (name !== "id") fieldOf(schema, name);
    return { id, values: schema.fields.map((field) => checkWhole(schema, field, properties[field.name])) };
  } catch (thrown) {
    if (id === undefined || !(thrown instanceof CollectionError)) throw thrown;
    throw thrown.at({ id });
  }
}

/** Some fields of a document, each by its name; `undefined` clears an optional one. */
export function checkPatch(schema: Schema, patch: unknown): CheckedPatch {
  const properties = propertiesOf(schema, patch);
  const checked: [SchemaField, Value | undefined][] = [];
  for (const name of Object.keys(properties)) {
    if (name === "id") continue;
    const field = fieldOf(schema, name);
    if (!isPatchable(field.kind)) {
      throw refused(schema, field.name, `a ${field.kind} changes through an editor: update(id, (document) => ...)`);
    }
    checked.push([field, checkAssigned(schema, field, properties[name])]);
  }
  return checked;
}

/** A new value for a field of one value. */
export function checkAssigned(schema: Named, field: SchemaField, value: unknown): Value | undefined {
  if (value !== undefined) return checkOne(schema, field, value, "");
  if (field.need === "optional") return undefined;
  throw refused(schema, field.name, "only an optional field can be cleared");
}

/** One value of a field: that of a register, an element of a set. */
export function checkOne(schema: Named, field: SchemaField, value: unknown, path: string): Value {
  const parsed = field.checker === undefined ? value : parse(schema, field, value, path);
  const fault = checkValue(parsed);
  if (fault !== undefined) throw refused(schema, `${field.name}${path}${pathText(fault.path)}`, fault.reason);
  return parsed as Value;
}

export function isPatchable(kind: FieldKind): boolean {
  return kind === "register" || kind === "firstWriter" || kind === "multiValue";
}

export function fieldOf(schema: Schema, name: string): SchemaField {
  const field = schema.fieldsByName.get(name);
  if (field !== undefined) return field;
  throw new CollectionError("FIELD_UNKNOWN", "there is no such field", { collection: schema.collection, field: name });
}

/** A field that is read and written through a handle. */
export function handleOf(schema: Schema, name: string): SchemaField {
  const field = fieldOf(schema, name);
  if (field.need === "handle") return field;
  const place = { collection: schema.collection, field: name };
  throw new CollectionError("FIELD_UNKNOWN", "there is no container in this field: documents show its value", place);
}

function propertiesOf(schema: Schema, input: unknown): Readonly<Record<string, unknown>> {
  if (typeof input === "object" && input !== null && !Array.isArray(input)) {
    return input as Readonly<Record<string, unknown>>;
  }
  throw new CollectionError("DOCUMENT_INVALID", "expected an object of fields", { collection: schema.collection });
}

function checkWhole(schema: Schema, field: SchemaField, value: unknown): Value | undefined {
  if (value === undefined) {
    if (field.need === "required") {
      const place = { collection: schema.collection, field: field.name };
      throw new CollectionError("FIELD_MISSING", "this field is required", place);
    }
    return isPatchable(field.kind) && field.kind !== "multiValue" ? (field.fallback as Value | undefined) : undefined;
  }
  switch (field.kind) {
    case "counter":
      return checkAmount(schema, field, value);
    case "set":
    case "removeWinsSet":
      return checkElements(schema, field, value);
    case "text":
      if (typeof value === "string" && value.isWellFormed()) return value;
      throw refused(schema, field.name, "expected well-formed text");
    case "map":
      return checkEntries(schema, field, value);
    case "list":
      return checkElements(schema, field, value);
    case "tree":
      return checkShape(schema, field, value, treeFault);
    case "graph":
    case "remove-wins-graph":
      return checkShape(schema, field, value, graphFault);
    default:
      return checkOne(schema, field, value, "");
  }
}

/** An amount that a counter can be raised by; of one that only grows, no negative one. */
export function checkAmount(schema: Named, field: SchemaField, amount: unknown): number {
  if (!Number.isSafeInteger(amount)) throw refused(schema, field.name, "a counter takes safe integers");
  if (field.growOnly && Number(amount) < 0) throw refused(schema, field.name, "this counter only grows");
  return Number(amount);
}

function checkElements(schema: Named, field: SchemaField, value: unknown): Value {
  if (!Array.isArray(value)) throw refused(schema, field.name, "expected an array of elements");
  return value.map((element, i) => checkOne(schema, field, element, `[${i}]`));
}

function checkEntries(schema: Named, field: SchemaField, value: unknown): Value {
  const entries = checkOne(schema, field, value, "");
  const isObject = typeof entries === "object" && entries !== null && !Array.isArray(entries);
  if (isObject && !(entries instanceof Uint8Array)) return entries;
  throw refused(schema, field.name, "expected an object of entries");
}

function checkShape(
  schema: Named,
  field: SchemaField,
  value: unknown,
  faultOf: (value: Value) => string | undefined,
): Value {
  const checked = checkOne(schema, field, value, "");
  const fault = faultOf(checked);
  if (fault === undefined) return checked;
  throw refused(schema, field.name, fault);
}

function parse(schema: Named, field: SchemaField, value: unknown, path: string): unknown {
  const standard = field.checker?.["~standard"];
  const answer = standard?.validate(value);
  if (answer instanceof Promise) {
    // Nobody waits for it: its refusal must not surface as an unhandled one.
    answer.catch(() => {});
    const place = { collection: schema.collection, field: `${field.name}${path}` };
    throw new CollectionError(
      "SCHEMA_ASYNC",
      "this schema answers with a promise; documents are checked at once",
      place,
    );
  }
  const issue = answer?.issues?.[0];
  if (issue !== undefined) throw refused(schema, `${field.name}${path}${pathText(issue.path)}`, issue.message);
  return (answer as StandardSchemaV1.SuccessResult<unknown>).value;
}

function pathText(path: StandardSchemaV1.Issue["path"] = []): string {
  let text = "";
  for (const part of path) {
    const key = typeof part === "object" ? part.key : part;
    text += typeof key === "number" ? `[${key}]` : `.${String(key)}`;
  }
  return text;
}

function refused(schema: Named, field: string, reason: string): CollectionError {
  return new CollectionError("DOCUMENT_INVALID", reason, { collection: schema.collection, field });
}

/** Makes a value that is handed out immutable, all the way down. Bytes cannot be frozen: they are copies. */
export function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
