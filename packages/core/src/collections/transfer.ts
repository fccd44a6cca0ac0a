/**
 * Export and import of a collection as lines of JSON.
 *
 *   {"dunlin":"collection","format":1,"name":"todos","version":1,"fields":{"title":"register",...}}
 *   {"id":"01J...","title":"...","votes":3,"tags":["a"],"body":"text",...}        one line each, ascending by id
 *
 * A document has the shape that an insert takes: the values of registers, the sum of a counter, the elements of a set,
 * the concurrent values of a multi-value register, the text of a text, the values of a map or a list, the nodes of a
 * tree, the vertices and edges of a graph. What JSON lacks is written as in `base/json.ts`. History, and containers nested
 * in those, are not in it, and null stands for one in a list: an import writes as its own member, now.
 */
import { type Json, jsonToValue, type Value, valueToJson } from "../base/index.ts";
import type { BoundCollection } from "./bound-collection.ts";
import { CollectionError } from "./errors.ts";
import { IMPORT_LINE_BYTES_MAX, IMPORT_PAGE_DOCUMENTS } from "./limits.ts";
import { pagesOf } from "./pages.ts";
import { childToValue } from "./schema/child-inputs.ts";
import type { ChildKind } from "./schema/fields.ts";
import { type CheckedInput, checkInput } from "./schema/schema.ts";

export interface ImportOptions {
  /** What becomes of a document that is there: `insert` refuses it, `upsert` adds to it. `insert` when left out. */
  readonly mode?: "insert" | "upsert";
  readonly signal?: AbortSignal;
}

const FORMAT = 1;

interface Item {
  readonly checked: CheckedInput;
  readonly input: object;
  readonly line: number;
}

export async function* exportLines(
  bound: BoundCollection,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  const { collection, version, fields } = bound.schema;
  const kinds = Object.fromEntries(fields.map(({ name, kind }) => [name, kind]));
  yield JSON.stringify({ dunlin: "collection", format: FORMAT, name: collection, version, fields: kinds });
  for await (const rows of pagesOf(bound, signal)) {
    const lines = await bound.read(() => rows.map((row) => lineOf(bound, row.id, bound.document(row))));
    yield* lines;
  }
}

/** How many documents were written. A refused line takes its page back; pages before it stay, and the error says where. */
export async function importLines(
  bound: BoundCollection,
  lines: Iterable<string> | AsyncIterable<string>,
  { mode = "insert", signal }: ImportOptions,
): Promise<number> {
  let [line, written] = [0, 0];
  let page: Item[] = [];
  const flush = async (): Promise<void> => {
    const items = page;
    page = [];
    if (items.length === 0) return;
    await bound.engine.write((transaction) => {
      const writer = bound.writer(transaction);
      for (const item of items) {
        atLine(item.line, () =>
          mode === "upsert" ? writer.upsertChecked(item.checked, item.input) : writer.insertChecked(item.checked),
        );
      }
    }, signal);
    written += items.length;
  };
  for await (const text of lines) {
    const number = line++;
    if (number === 0) checkHeader(bound, text);
    else if (text !== "") page.push(atLine(number, () => ({ ...parseDocument(bound, text), line: number })));
    if (page.length >= IMPORT_PAGE_DOCUMENTS) await flush();
  }
  await flush();
  return written;
}

function lineOf(bound: BoundCollection, id: string, document: object): string {
  const shown = Object.entries(document).map(([name, value]) => [name, valueToJson(value as Value)] as const);
  const handles = bound.schema.fields
    .filter(({ need }) => need === "handle")
    .flatMap((field) => {
      const kind = field.kind as ChildKind;
      const view = bound.records.child(kind, id, field.name);
      const content = view && childToValue(kind, view);
      return content === undefined ? [] : [[field.name, valueToJson(content)] as const];
    });
  return JSON.stringify(Object.fromEntries([...shown, ...handles]));
}

function checkHeader(bound: BoundCollection, text: string): void {
  const header = parseLine(bound, text);
  const { dunlin, format, version } = header;
  if (dunlin !== "collection") throw malformed(bound, "the first line is no header of an exported collection");
  if (format !== FORMAT) throw malformed(bound, "it was exported in a format that this program does not know");
  if (typeof version !== "number" || version > bound.schema.version) {
    throw malformed(bound, "it was exported by a newer version of this collection");
  }
}

function parseDocument(bound: BoundCollection, text: string): { checked: CheckedInput; input: object } {
  const input: Record<string, unknown> = {};
  for (const [name, json] of Object.entries(parseLine(bound, text))) {
    const value = jsonToValue(json);
    if (value === undefined) throw malformed(bound, `field ${JSON.stringify(name)} holds no value`);
    const field = bound.schema.fieldsByName.get(name);
    // Concurrent values were one field's conflict: an import has one member write the first, which showed.
    if (field?.kind === "multiValue" && Array.isArray(value)) {
      if (value.length > 0) input[name] = value[0];
    } else Object.defineProperty(input, name, { value, enumerable: true });
  }
  return { checked: checkInput(bound.schema, input), input };
}

function parseLine(bound: BoundCollection, text: string): { readonly [key: string]: Json } {
  if (text.length > IMPORT_LINE_BYTES_MAX) throw malformed(bound, "the line is too long");
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch (thrown) {
    throw malformed(bound, `the line is no JSON: ${String(thrown)}`);
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json))
    return json as { readonly [key: string]: Json };
  throw malformed(bound, "the line is no object");
}

/** The place of a refusal is its line, counted from the header's, which is 0. */
function atLine<T>(line: number, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof CollectionError) throw thrown.at({ index: line });
    throw thrown;
  }
}

function malformed(bound: BoundCollection, reason: string): CollectionError {
  return new CollectionError("IMPORT_MALFORMED", reason, { collection: bound.schema.collection });
}
