/**
 * Joins of records under their delta's header, as the record cells that they are. Void: what names a generation or
 * something seen that lies above the delta itself, and a deletion of a generation that is not below it.
 */

import { GENERATION_ZERO } from "../cell-key.ts";
import type { Content } from "../content.ts";
import type { Origin } from "../origin.ts";
import { latticeOf } from "./fields/fields.ts";
import { comparePairs, type RecordCell } from "./record-cell.ts";
import { createDeleted, OpenFields } from "./record-layout.ts";
import { type FieldName, NO_FIELDS, type RecordShape, shapeOf } from "./record-shape.ts";
import type { RecordColumn, RecordsJoins } from "./records-joins.ts";

export interface JoinedRecords {
  /** By place among the ids; undefined where the join is void. */
  readonly cells: readonly (RecordCell | undefined)[];
  readonly void: number;
}

/** The fields of one document: names, which ascend as those of a shape do, and what they hold. */
interface Row {
  readonly names: FieldName[];
  readonly open: OpenFields;
}

export function joinsToRecords({ ids, marks, columns }: RecordsJoins, origin: Origin): JoinedRecords {
  const deletions = marks.reduce((count, { isDeleted }) => count + (isDeleted ? 1 : 0), 0);
  const rows = new Rows(columns, ids.length - deletions, origin);
  const deleted = { stamp: origin.stamp, actor: origin.actor };
  let voidCount = 0;
  let shape = NO_FIELDS;
  let [live, at] = [0, 0];
  const cells = ids.map((_, place): RecordCell | undefined => {
    const mark = marks[at]?.place === place ? marks[at++] : undefined;
    const generation = mark?.generation ?? GENERATION_ZERO;
    const isDeleted = mark?.isDeleted === true;
    const row = isDeleted ? undefined : rows.at(live++);
    const order = mark === undefined ? -1 : comparePairs(generation, origin);
    if (isDeleted ? order >= 0 : order > 0) {
      voidCount++;
      return undefined;
    }
    if (row === undefined) return createDeleted(generation, deleted);
    // Documents of one make come one after another.
    if (!isOf(shape, row.names)) shape = shapeOf(row.names);
    return row.open.close(generation, shape);
  });
  return { cells, void: voidCount + rows.void };
}

/** The fields of the documents that are there, by their number. Asked for once each, in order. */
class Rows {
  void = 0;
  readonly #columns: readonly RecordColumn[];
  readonly #origin: Origin;
  /** Undefined when every document has every column: then one row serves all, one after another. */
  readonly #rows: readonly Row[] | undefined;
  readonly #row: Row = createRow();

  constructor(columns: readonly RecordColumn[], count: number, origin: Origin) {
    this.#columns = columns;
    this.#origin = origin;
    if (columns.every(({ places }) => places === undefined)) return;
    const rows = Array.from({ length: count }, createRow);
    for (const column of columns) {
      const { places, joins } = column;
      for (let i = 0; i < joins.length; i++) this.#add(rows[places?.[i] ?? i] as Row, column, i);
    }
    this.#rows = rows;
  }

  at(number: number): Row {
    const sparse = this.#rows?.[number];
    if (sparse !== undefined) return sparse;
    this.#row.names.length = 0;
    for (const column of this.#columns) this.#add(this.#row, column, number);
    return this.#row;
  }

  #add({ names, open }: Row, column: RecordColumn, i: number): void {
    const { kind, joins } = column;
    if (kind === "last") open.setLast(names.length, joins[i] as Content, this.#origin);
    else {
      const joined = latticeOf(kind).joinToCell(joins[i], this.#origin);
      this.void += joined.void;
      if (joined.cell === undefined) return;
      open.setCell(names.length, joined.cell);
    }
    names.push(column);
  }
}

function createRow(): Row {
  return { names: [], open: new OpenFields() };
}

function isOf({ fields }: RecordShape, names: readonly FieldName[]): boolean {
  if (fields.length !== names.length) return false;
  for (let i = 0; i < names.length; i++) {
    const [a, b] = [fields[i] as FieldName, names[i] as FieldName];
    if (a.name !== b.name || a.kind !== b.kind) return false;
  }
  return true;
}
