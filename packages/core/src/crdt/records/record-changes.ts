/** The joins of what one transaction did to records, gathered in columns document by document. */
import type { Origin } from "../origin.ts";
import { UNCHANGED } from "./fields/field-kind.ts";
import type { FieldJoins, FieldKind, FieldLattice } from "./fields/fields.ts";
import { comparePairs, type RecordCell } from "./record-cell.ts";
import { compareFields, type FieldName } from "./record-shape.ts";
import type { RecordMark, RecordsJoins } from "./records-joins.ts";

interface Column {
  readonly kind: FieldKind;
  readonly name: string;
  /** Undefined as long as every document had it. */
  places: number[] | undefined;
  readonly joins: FieldJoins[FieldKind][];
}

export class RecordChanges {
  readonly #origin: Origin;
  readonly #ids: string[] = [];
  readonly #marks: RecordMark[] = [];
  readonly #columns: Column[] = [];
  #liveCount = 0;

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  /** Notes a document; false, with nothing noted, when it is what it was. */
  add(id: string, base: RecordCell | undefined, cell: RecordCell): boolean {
    if (cell.deleted !== undefined) {
      this.#marks.push({ place: this.#ids.length, isDeleted: true, generation: cell.generation });
      this.#ids.push(id);
      return true;
    }
    const isSame = base !== undefined && base.deleted === undefined && isSameGeneration(base, cell);
    const fieldCount = this.#addFields(isSame ? base : undefined, cell);
    if (isSame && fieldCount === 0) return false;
    if (cell.generation.stamp > 0) {
      this.#marks.push({ place: this.#ids.length, isDeleted: false, generation: cell.generation });
    }
    this.#ids.push(id);
    this.#liveCount++;
    return true;
  }

  toJoins(): RecordsJoins | undefined {
    if (this.#ids.length === 0) return undefined;
    // Some lack what the last of them had not.
    for (const column of this.#columns)
      if (column.joins.length < this.#liveCount) column.places ??= firstPlaces(column);
    return { ids: this.#ids, marks: this.#marks, columns: this.#columns.sort(compareFields) };
  }

  /** How many fields changed. */
  #addFields(base: RecordCell | undefined, cell: RecordCell): number {
    const { shape } = cell;
    let count = 0;
    for (let place = 0; place < shape.size; place++) {
      const { kind, name } = shape.fields[place] as FieldName;
      const was = base === undefined ? -1 : base.shape === shape ? place : base.shape.find(kind, name);
      if (was >= 0 && base?.isSameAt(was, cell, place)) continue;
      const join = kind === "last" ? cell.contentAt(place) : this.#changeOf(base, was, cell, place);
      if (join === UNCHANGED) continue;
      const column = this.#column(kind, name, count++);
      // It is the first of the documents that lacked it before.
      if (column.joins.length < this.#liveCount) column.places ??= firstPlaces(column);
      column.places?.push(this.#liveCount);
      // What a kind says of its change is a join of that kind.
      column.joins.push(join as FieldJoins[FieldKind]);
    }
    return count;
  }

  /** Of a field of any kind; `was` is its place before, or below 0. */
  #changeOf(base: RecordCell | undefined, was: number, cell: RecordCell, place: number): unknown {
    const lattice = cell.shape.lattices[place] as FieldLattice<unknown, unknown>;
    return lattice.changeOf(was < 0 ? undefined : base?.cellAt(was), cell.cellAt(place), this.#origin);
  }

  /** Documents of one make change the same columns in the same order: `guess` mostly hits. */
  #column(kind: FieldKind, name: string, guess: number): Column {
    const guessed = this.#columns[guess];
    if (guessed?.name === name && guessed.kind === kind) return guessed;
    const known = this.#columns.find((column) => column.kind === kind && column.name === name);
    if (known !== undefined) return known;
    const column: Column = { kind, name, places: undefined, joins: [] };
    this.#columns.push(column);
    return column;
  }
}

function firstPlaces({ joins }: Column): number[] {
  return Array.from(joins.keys());
}

function isSameGeneration(a: RecordCell, b: RecordCell): boolean {
  return comparePairs(a.generation, b.generation) === 0;
}
