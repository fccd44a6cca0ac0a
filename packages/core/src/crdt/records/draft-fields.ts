/**
 * The fields of the one document that a transaction is writing in. They are changed in place, in arrays that are used
 * again for the next document, and become a record when its turn comes: a document of many fields is made once, and
 * takes no more room than it needs.
 */
import type { Content } from "../content.ts";
import { WriteRefused } from "../refusal.ts";
import type { FieldCells, FieldKind } from "./fields/fields.ts";
import { RECORD_FIELDS_MAX } from "./limits.ts";
import type { Pair } from "./pair-table.ts";
import { empty, type RecordCell } from "./record-cell.ts";
import { OpenFields } from "./record-layout.ts";
import { NO_FIELDS, type RecordShape } from "./record-shape.ts";

export class DraftFields {
  #record: RecordCell = empty;
  #shape: RecordShape = NO_FIELDS;
  readonly #fields = new OpenFields();
  #isChanged = false;

  /** Begins with the fields of a document. */
  begin(record: RecordCell): void {
    this.#record = record;
    this.#shape = record.shape;
    this.#isChanged = false;
    this.#fields.open(record);
  }

  /** The document with these fields: itself when none was changed. */
  end(): RecordCell {
    if (!this.#isChanged) return this.#record;
    return this.#fields.close(this.#record.generation, this.#shape);
  }

  get<K extends FieldKind>(kind: K, name: string): FieldCells[K] | undefined {
    const place = this.#shape.find(kind, name);
    // The kind says what the cell is.
    return place < 0 ? undefined : (this.#fields.cellAt(place) as FieldCells[K]);
  }

  /** Refused: more fields than a document may have. */
  put<K extends Exclude<FieldKind, "last">>(kind: K, name: string, cell: FieldCells[K]): void {
    // A set whose only element came and went in one transaction: an empty field has no encoding.
    if (Array.isArray(cell) && cell.length === 0) this.#remove(kind, name);
    else this.#fields.setCell(this.#placeFor(kind, name), cell);
  }

  /** As `put`, of a last-writer register. */
  putLast(name: string, content: Content, pair: Pair): void {
    this.#fields.setLast(this.#placeFor("last", name), content, pair);
  }

  /** Where a field is, or from now on is. */
  #placeFor(kind: FieldKind, name: string): number {
    const known = this.#shape.find(kind, name);
    this.#isChanged = true;
    if (known >= 0) return known;
    const { size } = this.#shape;
    if (size >= RECORD_FIELDS_MAX) {
      throw new WriteRefused("VALUE_TOO_LARGE", `a document has at most ${RECORD_FIELDS_MAX} fields`);
    }
    this.#shape = this.#shape.with(kind, name);
    const place = this.#shape.find(kind, name);
    this.#fields.insertAt(place, size);
    return place;
  }

  #remove(kind: FieldKind, name: string): void {
    const place = this.#shape.find(kind, name);
    if (place < 0) return;
    this.#isChanged = true;
    this.#fields.removeAt(place, this.#shape.size);
    this.#shape = this.#shape.without(place);
  }
}
