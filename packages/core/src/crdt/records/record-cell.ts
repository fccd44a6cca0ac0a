/**
 * Record: one document as one cell. A lexicographic pair of
 *
 *   generation   the pair of the deletion after which it was inserted anew; zeros at first
 *   content      in one generation: deleted (by the greatest pair), above any fields
 *
 * Of two generations the greater wins whole; within one, deletion wins; fields join one by one, by kind and name. So
 * concurrent inserts of one id are one document, a deletion hides what is concurrently written in it, and what is
 * inserted after a deletion is new and empty. Replicas with different schemas keep the fields of both.
 *
 *   flags (1): 1 deleted, 2 of a later generation | [pair of the generation]
 *   deleted      pair of the deletion, above the generation
 *   otherwise    count of fields (varint) | count times: kind (1) | name (string) | cell of that kind
 *
 * Fields ascend by tag of kind and name. Pairs and actors are numbered, see `pair-table.ts`. The entry key is the id in
 * UTF-8. Refused: a deletion that is not above its generation, fields out of order or twice, ids and names that are
 * empty, too long or malformed.
 */
import { compareBytes, Reader, type Writer } from "../../base/index.ts";
import { GENERATION_ZERO, type Generation } from "../cell-key.ts";
import { joinAscending } from "../cells/join-ascending.ts";
import type { Intern } from "../origin.ts";
import { FIELD_TAGS, type FieldCells, type FieldKind, latticeOf, tagToFieldKind } from "./fields/fields.ts";
import { FIELD_NAME_IN_RECORD_BYTES_MAX, RECORD_FIELDS_DECODED_MAX, RECORD_ID_BYTES_MAX } from "./limits.ts";
import { type Pair, PairReader, PairWriter } from "./pair-table.ts";

export type RecordField = {
  readonly [K in FieldKind]: { readonly kind: K; readonly name: string; readonly cell: FieldCells[K] };
}[FieldKind];

/** One document as decoded; immutable. */
export interface RecordCell {
  readonly generation: Generation;
  /** Who deleted it and when; undefined while it is there. */
  readonly deleted: Pair | undefined;
  /** Ascending by tag of kind and name; none of a deleted one. */
  readonly fields: readonly RecordField[];
}

const DELETED = 1;
const LATER = 2;
const BYTES_PER_FIELD_MIN = 4;

/** Known by identity: a document without fields is another cell. */
export const empty: RecordCell = { generation: GENERATION_ZERO, deleted: undefined, fields: [] };

/** Reused: cells are encoded and decoded one after another. */
const pairWriter = new PairWriter();
const pairReader = new PairReader();

export function join(a: RecordCell, b: RecordCell): RecordCell {
  if (a === b || b === empty) return a;
  if (a === empty) return b;
  const order = comparePairs(a.generation, b.generation);
  if (order !== 0) return order > 0 ? a : b;
  if (b.deleted !== undefined) {
    return a.deleted !== undefined && comparePairs(a.deleted, b.deleted) >= 0 ? a : b;
  }
  if (a.deleted !== undefined) return a;
  const fields = joinAscending(a.fields, b.fields, compareFields, joinField);
  return fields === a.fields ? a : { generation: a.generation, deleted: undefined, fields };
}

export function encode(writer: Writer, cell: RecordCell): void {
  const { generation, deleted, fields } = cell;
  const into = pairWriter.begin(writer);
  writer.u8((deleted === undefined ? 0 : DELETED) | (generation.stamp > 0 ? LATER : 0));
  if (generation.stamp > 0) into.pair(generation.stamp, generation.actor);
  if (deleted !== undefined) {
    into.pair(deleted.stamp, deleted.actor);
    return;
  }
  writer.varint(fields.length);
  for (const { kind, name, cell: field } of fields) {
    writer.u8(FIELD_TAGS[kind]).string(name);
    latticeOf(kind).write(into, field);
  }
}

export function decode(reader: Reader, intern: Intern): RecordCell {
  const from = pairReader.begin(reader, intern);
  const flags = reader.u8();
  if (flags > (DELETED | LATER)) reader.fail();
  const generation = (flags & LATER) === 0 ? GENERATION_ZERO : from.pair();
  if ((flags & LATER) !== 0 && generation.stamp === 0) reader.fail();
  if ((flags & DELETED) === 0) return { generation, deleted: undefined, fields: readFields(from) };
  const deleted = from.pair();
  if (comparePairs(deleted, generation) <= 0) reader.fail();
  return { generation, deleted, fields: [] };
}

export function isLive(cell: RecordCell): boolean {
  return cell.deleted === undefined;
}

export function writeKey(writer: Writer, key: string): void {
  writer.utf8(key);
}

export function bytesToKey(bytes: Uint8Array): string | undefined {
  const reader = new Reader(bytes);
  const key = reader.utf8(bytes.length);
  return reader.failed || bytes.length === 0 || bytes.length > RECORD_ID_BYTES_MAX ? undefined : key;
}

/** By stamp, then actor. */
export function comparePairs(a: Pair, b: Pair): number {
  if (a.stamp !== b.stamp) return a.stamp - b.stamp;
  return a.actor === b.actor ? 0 : compareBytes(a.actor, b.actor);
}

export function compareFields(a: { kind: FieldKind; name: string }, b: { kind: FieldKind; name: string }): number {
  if (a.kind !== b.kind) return FIELD_TAGS[a.kind] - FIELD_TAGS[b.kind];
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/** The cell of a field; undefined when it was never written. */
export function fieldOf<K extends FieldKind>(cell: RecordCell, kind: K, name: string): FieldCells[K] | undefined {
  for (const field of cell.fields) {
    // The kind says what the cell is.
    if (field.name === name && field.kind === kind) return field.cell as FieldCells[K];
  }
  return undefined;
}

/** `cell` is of that kind: both came from the same field or from the kind's own functions. */
export function createField(kind: FieldKind, name: string, cell: unknown): RecordField {
  return { kind, name, cell } as RecordField;
}

function joinField(ours: RecordField, theirs: RecordField): RecordField {
  const cell = latticeOf(ours.kind).join(ours.cell, theirs.cell);
  return cell === ours.cell ? ours : createField(ours.kind, ours.name, cell);
}

function readFields(from: PairReader): readonly RecordField[] {
  const { reader } = from;
  const count = reader.count(RECORD_FIELDS_DECODED_MAX, BYTES_PER_FIELD_MIN);
  const fields: RecordField[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const kind = tagToFieldKind(reader.u8());
    const name = readFieldName(reader);
    if (kind === undefined) reader.fail();
    if (kind === undefined || reader.failed) return fields;
    const field = createField(kind, name, latticeOf(kind).read(from));
    const previous = fields.at(-1);
    if (previous !== undefined && compareFields(previous, field) >= 0) reader.fail();
    fields.push(field);
  }
  return fields;
}

export function readFieldName(reader: Reader): string {
  const name = reader.string(FIELD_NAME_IN_RECORD_BYTES_MAX);
  if (name === "") reader.fail();
  return name;
}
