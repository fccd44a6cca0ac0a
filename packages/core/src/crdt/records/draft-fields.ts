/**
 * The fields of the one document that a transaction is writing in. They are changed in place, in an array that is used
 * again for the next document, and become a record when its turn comes: a document of many fields is made once, and
 * takes no more room than it needs.
 */
import { WriteRefused } from "../refusal.ts";
import type { FieldCells, FieldKind } from "./fields/fields.ts";
import { RECORD_FIELDS_MAX } from "./limits.ts";
import { createDocument, empty, type RecordCell } from "./record-cell.ts";
import { NO_FIELDS, type RecordShape } from "./record-shape.ts";

export class DraftFields {
  #record: RecordCell = empty;
  #shape: RecordShape = NO_FIELDS;
  /** Those of the shape's fields, and beyond them what earlier documents left. */
  readonly #cells: unknown[] = [];
  #isChanged = false;

  /** Begins with the fields of a document. */
  begin(record: RecordCell): void {
    this.#record = record;
    this.#shape = record.shape;
    this.#isChanged = false;
    for (let place = 0; place < record.cells.length; place++) this.#cells[place] = record.cells[place];
  }

  /** The document with these fields: itself when none was changed. */
  end(): RecordCell {
    if (!this.#isChanged) return this.#record;
    return createDocument(this.#record.generation, this.#shape, this.#cells.slice(0, this.#shape.size));
  }

  get<K extends FieldKind>(kind: K, name: string): FieldCells[K] | undefined {
    const place = this.#shape.find(kind, name);
    // The kind says what the cell is.
    return place < 0 ? undefined : (this.#cells[place] as FieldCells[K]);
  }

  /** Refused: more fields than a document may have. */
  put<K extends FieldKind>(kind: K, name: string, cell: FieldCells[K]): void {
    const place = this.#shape.find(kind, name);
    // A set whose only element came and went in one transaction: an empty field has no encoding.
    if (Array.isArray(cell) && cell.length === 0) {
      if (place >= 0) this.#remove(place);
      return;
    }
    this.#isChanged = true;
    if (place >= 0) this.#cells[place] = cell;
    else this.#add(kind, name, cell);
  }

  #add(kind: FieldKind, name: string, cell: unknown): void {
    const { size } = this.#shape;
    if (size >= RECORD_FIELDS_MAX) {
      throw new WriteRefused("VALUE_TOO_LARGE", `a document has at most ${RECORD_FIELDS_MAX} fields`);
    }
    this.#shape = this.#shape.with(kind, name);
    const place = this.#shape.find(kind, name);
    for (let i = size; i > place; i--) this.#cells[i] = this.#cells[i - 1];
    this.#cells[place] = cell;
  }

  #remove(place: number): void {
    this.#isChanged = true;
    this.#cells.copyWithin(place, place + 1, this.#shape.size);
    this.#shape = this.#shape.without(place);
  }
}
