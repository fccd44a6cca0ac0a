/**
 * Joins of records, in columns: what many documents have in common is said once.
 *
 *   count of documents (varint, above 0) | count times: id (string)
 *   count of marks (varint) | count times: gap (varint) | mark (1): 1 deleted, 2 of a later generation
 *     | [stamp of the generation (varint, above 0) | its actor]
 *   count of columns (varint) | count times: kind (1) | name (string) | fill (varint) | gaps | a join per filled place
 *
 * A mark goes to the document as many places after the one before as the gap says; those without are there, in the
 * first generation. Columns ascend by tag of kind and name and range over the documents that are not deleted: the fill
 * is how many of them have a value there, and unless it is all of them, as many gaps (varint) say which. Actors are
 * numbered, see `pair-table.ts`. The order of documents has no meaning, and one may come twice.
 */
import { type Reader, STAMP_MAX, type Stamp, type Writer } from "../../base/index.ts";
import { GENERATION_ZERO, type Generation } from "../cell-key.ts";
import { JOINS_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import type { JoinBudget } from "./fields/field-kind.ts";
import { FIELD_TAGS, type FieldJoins, type FieldKind, latticeOf, tagToFieldKind } from "./fields/fields.ts";
import { RECORD_FIELDS_DECODED_MAX, RECORD_ID_BYTES_MAX } from "./limits.ts";
import { PairReader, PairWriter } from "./pair-table.ts";
import { readFieldName } from "./record-cell.ts";
import { compareFields } from "./record-shape.ts";

export interface RecordsJoins {
  readonly ids: readonly string[];
  /** By place among the ids, ascending; a place without has generation zero and is not deleted. */
  readonly marks: readonly RecordMark[];
  readonly columns: readonly RecordColumn[];
}

export interface RecordMark {
  readonly place: number;
  readonly isDeleted: boolean;
  readonly generation: Generation;
}

/** What documents have in one field. */
export interface RecordColumn {
  readonly kind: FieldKind;
  readonly name: string;
  /** Which of the documents that are not deleted, ascending; undefined when all of them have it. */
  readonly places: readonly number[] | undefined;
  readonly joins: readonly FieldJoins[FieldKind][];
}

const DELETED = 1;
const LATER = 2;
const BYTES_PER_ID_MIN = 2;
const BYTES_PER_MARK_MIN = 2;
const BYTES_PER_COLUMN_MIN = 5;

const pairWriter = new PairWriter();
const pairReader = new PairReader();

export function write(writer: Writer, joins: RecordsJoins): void {
  const into = pairWriter.begin(writer);
  writer.varint(joins.ids.length);
  for (const id of joins.ids) writer.string(id);
  writer.varint(joins.marks.length);
  let next = 0;
  for (const { place, isDeleted, generation } of joins.marks) {
    writer.varint(place - next).u8((isDeleted ? DELETED : 0) | (generation.stamp > 0 ? LATER : 0));
    next = place + 1;
    if (generation.stamp === 0) continue;
    writer.varint(generation.stamp);
    into.actor(generation.actor);
  }
  const liveCount = countLive(joins);
  writer.varint(joins.columns.length);
  for (const { kind, name, places, joins: all } of joins.columns) {
    writer.u8(FIELD_TAGS[kind]).string(name).varint(all.length);
    if (places !== undefined && places.length < liveCount) writeGaps(writer, places);
    const { writeJoin } = latticeOf(kind);
    for (let i = 0; i < all.length; i++) writeJoin(into, all[i]);
  }
}

export function read(reader: Reader, intern: Intern, budget: JoinBudget): RecordsJoins {
  const from = pairReader.begin(reader, intern);
  const count = reader.count(JOINS_MAX - budget.joins, BYTES_PER_ID_MIN);
  if (count === 0) reader.fail();
  budget.joins += count;
  const ids: string[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const id = reader.string(RECORD_ID_BYTES_MAX);
    if (id === "") reader.fail();
    ids.push(id);
  }
  const marks = readMarks(from, count);
  const liveCount = countLive({ ids, marks, columns: [] });
  const columns: RecordColumn[] = [];
  const columnCount = reader.count(RECORD_FIELDS_DECODED_MAX, BYTES_PER_COLUMN_MIN);
  for (let i = 0; i < columnCount && !reader.failed; i++) {
    const column = readColumn(from, liveCount, budget);
    const previous = columns.at(-1);
    if (previous !== undefined && compareFields(previous, column) >= 0) reader.fail();
    columns.push(column);
  }
  return { ids, marks, columns };
}

function countLive({ ids, marks }: RecordsJoins): number {
  let live = ids.length;
  for (const mark of marks) if (mark.isDeleted) live--;
  return live;
}

function readMarks(from: PairReader, count: number): RecordMark[] {
  const { reader } = from;
  const marks: RecordMark[] = [];
  const markCount = reader.count(count, BYTES_PER_MARK_MIN);
  let next = 0;
  for (let i = 0; i < markCount && !reader.failed; i++) {
    const place = next + reader.varint();
    const flags = reader.u8();
    if (place >= count || flags === 0 || flags > (DELETED | LATER)) reader.fail();
    const generation = (flags & LATER) === 0 ? GENERATION_ZERO : readGeneration(from);
    marks.push({ place, isDeleted: (flags & DELETED) !== 0, generation });
    next = place + 1;
  }
  return marks;
}

function readGeneration(from: PairReader): Generation {
  const stamp = from.reader.varint();
  if (stamp === 0 || stamp > STAMP_MAX) from.reader.fail();
  return { stamp: stamp as Stamp, actor: from.actor() };
}

function readColumn(from: PairReader, liveCount: number, budget: JoinBudget): RecordColumn {
  const { reader } = from;
  const kind = tagToFieldKind(reader.u8());
  const name = readFieldName(reader);
  const fill = reader.count(Math.min(liveCount, JOINS_MAX - budget.joins));
  if (kind === undefined || fill === 0) reader.fail();
  if (kind === undefined || reader.failed) return { kind: "last", name, places: [], joins: [] };
  budget.joins += fill;
  const places = fill === liveCount ? undefined : readGaps(reader, fill, liveCount);
  const { readJoin } = latticeOf(kind);
  const joins: FieldJoins[FieldKind][] = [];
  // What a kind reads is a join of that kind.
  for (let i = 0; i < fill && !reader.failed; i++) joins.push(readJoin(from, budget) as FieldJoins[FieldKind]);
  return { kind, name, places, joins };
}

function writeGaps(writer: Writer, places: readonly number[]): void {
  let next = 0;
  for (const place of places) {
    writer.varint(place - next);
    next = place + 1;
  }
}

function readGaps(reader: Reader, count: number, below: number): number[] {
  const places: number[] = [];
  let next = 0;
  for (let i = 0; i < count && !reader.failed; i++) {
    const place = next + reader.varint();
    if (place >= below) reader.fail();
    places.push(place);
    next = place + 1;
  }
  return places;
}
