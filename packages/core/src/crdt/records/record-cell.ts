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
 * empty, too long or malformed. How a record lies in memory: `record-layout.ts`.
 */
import { compareBytes, Reader, type Writer } from "../../base/index.ts";
import { GENERATION_ZERO, type Generation } from "../cell-key.ts";
import { joinAscending } from "../cells/join-ascending.ts";
import { compareContents } from "../content.ts";
import type { Intern } from "../origin.ts";
import { type FieldCells, type FieldKind, latticeOf, tagToFieldKind } from "./fields/fields.ts";
import { writeLast } from "./fields/last-field.ts";
import { FIELD_NAME_IN_RECORD_BYTES_MAX, RECORD_FIELDS_DECODED_MAX, RECORD_ID_BYTES_MAX } from "./limits.ts";
import { type Pair, PairReader, PairWriter } from "./pair-table.ts";
import { createDeleted, OpenFields, type RecordCell } from "./record-layout.ts";
import { compareFields, type FieldName, NO_FIELDS, type RecordShape, shapeOf } from "./record-shape.ts";

export { RecordCell } from "./record-layout.ts";

export type RecordField = {
  readonly [K in FieldKind]: { readonly kind: K; readonly name: string; readonly cell: FieldCells[K] };
}[FieldKind];

const DELETED = 1;
const LATER = 2;
const BYTES_PER_FIELD_MIN = 4;
/** Fields that are looked up in the other record one by one; of more both are walked through. */
const LOOKED_UP_MAX = 8;
/** Fields beyond this many are not read into the array that is used again. */
const REUSED_MAX = 64;

/** Known by identity: a document without fields is another cell. */
export const empty: RecordCell = new OpenFields().close(GENERATION_ZERO, NO_FIELDS);

/** Reused: cells are encoded and decoded one after another. */
const pairWriter = new PairWriter();
const pairReader = new PairReader();
const openFields = new OpenFields();
/** Records of one make come one after another: fields are read as those of the one before, as far as they are. */
let lastShape: RecordShape = NO_FIELDS;

export function join(a: RecordCell, b: RecordCell): RecordCell {
  if (a === b || b === empty) return a;
  if (a === empty) return b;
  const order = comparePairs(a.generation, b.generation);
  if (order !== 0) return order > 0 ? a : b;
  if (b.deleted !== undefined) {
    return a.deleted !== undefined && comparePairs(a.deleted, b.deleted) >= 0 ? a : b;
  }
  if (a.deleted !== undefined) return a;
  return joinFields(a, b);
}

/** A document of these fields, which ascend. */
export function documentOf(generation: Generation, fields: readonly RecordField[]): RecordCell {
  const open = new OpenFields();
  for (const [place, { cell }] of fields.entries()) open.setCell(place, cell);
  return open.close(generation, shapeOf(fields));
}

/** Its fields one by one, for those who are in no hurry. */
export function fieldsOf(cell: RecordCell): RecordField[] {
  return cell.shape.fields.map(({ kind, name }, place) => createField(kind, name, cell.cellAt(place)));
}

export function encode(writer: Writer, cell: RecordCell): void {
  const { generation, deleted, shape, size } = cell;
  const into = pairWriter.begin(writer);
  writer.u8((deleted === undefined ? 0 : DELETED) | (generation.stamp > 0 ? LATER : 0));
  if (generation.stamp > 0) into.pair(generation.stamp, generation.actor);
  if (deleted !== undefined) {
    into.pair(deleted.stamp, deleted.actor);
    return;
  }
  writer.varint(size);
  const { lattices } = shape;
  for (let place = 0; place < size; place++) {
    writer.raw(shape.headOf(place));
    if (cell.isLastAt(place)) writeLast(into, cell.pairAt(place), cell.contentAt(place));
    else lattices[place]?.write(into, cell.cellAt(place));
  }
}

export function decode(reader: Reader, intern: Intern): RecordCell {
  const from = pairReader.begin(reader, intern);
  const flags = reader.u8();
  if (flags > (DELETED | LATER)) reader.fail();
  const generation = (flags & LATER) === 0 ? GENERATION_ZERO : from.pair();
  if ((flags & LATER) !== 0 && generation.stamp === 0) reader.fail();
  if ((flags & DELETED) === 0) return readFields(from, generation);
  const deleted = from.pair();
  if (comparePairs(deleted, generation) <= 0) reader.fail();
  return createDeleted(generation, deleted);
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

/** The cell of a field; undefined when it was never written. */
export function fieldOf<K extends FieldKind>(cell: RecordCell, kind: K, name: string): FieldCells[K] | undefined {
  const place = cell.shape.find(kind, name);
  // The kind says what the cell is.
  return place < 0 ? undefined : (cell.cellAt(place) as FieldCells[K]);
}

/** `cell` is of that kind: both came from the same field or from the kind's own functions. */
export function createField(kind: FieldKind, name: string, cell: unknown): RecordField {
  return { kind, name, cell } as RecordField;
}

function joinField(ours: RecordField, theirs: RecordField): RecordField {
  const cell = latticeOf(ours.kind).join(ours.cell, theirs.cell);
  return cell === ours.cell ? ours : createField(ours.kind, ours.name, cell);
}

function readFields(from: PairReader, generation: Generation): RecordCell {
  const { reader } = from;
  const count = reader.count(RECORD_FIELDS_DECODED_MAX, BYTES_PER_FIELD_MIN);
  const fields = count <= REUSED_MAX ? openFields : new OpenFields();
  const guess = lastShape.size === count ? lastShape : NO_FIELDS;
  let place = 0;
  while (place < guess.size && reader.takes(guess.headOf(place))) {
    fields.setCell(place, guess.lattices[place]?.read(from));
    place++;
  }
  const shape = place === count ? guess : readOthers(from, guess.fields.slice(0, place), count, fields);
  if (!reader.failed) lastShape = shape;
  return fields.close(generation, shape);
}

/** The rest of the fields, whose shape is another. */
function readOthers(from: PairReader, known: readonly FieldName[], count: number, into: OpenFields): RecordShape {
  const { reader } = from;
  const fields = [...known];
  while (fields.length < count && !reader.failed) {
    const kind = tagToFieldKind(reader.u8());
    const name = readFieldName(reader);
    if (kind === undefined) reader.fail();
    if (kind === undefined || reader.failed) return NO_FIELDS;
    const field = { kind, name };
    const previous = fields.at(-1);
    if (previous !== undefined && compareFields(previous, field) >= 0) reader.fail();
    into.setCell(fields.length, latticeOf(kind).read(from));
    fields.push(field);
  }
  return reader.failed ? NO_FIELDS : shapeOf(fields);
}

/** Fields one by one, of two documents of one generation. */
function joinFields(a: RecordCell, b: RecordCell): RecordCell {
  if (a.shape === b.shape || b.size <= LOOKED_UP_MAX) {
    const joined = joinWithin(a, b);
    if (joined !== undefined) return joined;
  }
  const fields = fieldsOf(a);
  const joined = joinAscending(fields, fieldsOf(b), compareFields, joinField);
  return joined === fields ? a : documentOf(a.generation, joined);
}

/** The same where `a` has all fields that `b` has; undefined where it lacks one. */
function joinWithin(a: RecordCell, b: RecordCell): RecordCell | undefined {
  const { shape } = a;
  let fields: OpenFields | undefined;
  for (let i = 0; i < b.size; i++) {
    const { kind, name } = b.shape.fields[i] as FieldName;
    const place = shape === b.shape ? i : shape.find(kind, name);
    if (place < 0) return undefined;
    if (kind === "last" && isLaterAt(b, i, a, place)) {
      fields ??= new OpenFields().open(a);
      fields.setLast(place, b.contentAt(i), b.pairAt(i));
    }
    if (kind === "last") continue;
    const before = a.cellAt(place);
    const joined = latticeOf(kind).join(before, b.cellAt(i));
    if (joined === before) continue;
    fields ??= new OpenFields().open(a);
    fields.setCell(place, joined);
  }
  return fields === undefined ? a : fields.close(a.generation, shape);
}

/** Whether a last-writer field is above another: as `last.join` has it. */
function isLaterAt(a: RecordCell, place: number, b: RecordCell, otherPlace: number): boolean {
  const order = comparePairs(a.pairAt(place), b.pairAt(otherPlace));
  return order !== 0 ? order > 0 : compareContents(a.contentAt(place), b.contentAt(otherPlace)) > 0;
}

export function readFieldName(reader: Reader): string {
  const name = reader.string(FIELD_NAME_IN_RECORD_BYTES_MAX);
  if (name === "") reader.fail();
  return name;
}
