/**
 * Joins of records under their delta's header, as the record cells that they are. Void: what names a generation or
 * something seen that lies above the delta itself, and a deletion of a generation that is not below it.
 */

import { GENERATION_ZERO, type Generation } from "../cell-key.ts";
import type { Origin } from "../origin.ts";
import { latticeOf } from "./fields/fields.ts";
import { comparePairs, createDeleted, createDocument, type RecordCell } from "./record-cell.ts";
import { type FieldName, type RecordShape, shapeOf } from "./record-shape.ts";
import type { RecordColumn, RecordsJoins } from "./records-joins.ts";

export interface JoinedRecords {
  /** By place among the ids; undefined where the join is void. */
  readonly cells: readonly (RecordCell | undefined)[];
  readonly void: number;
}

interface Draft {
  readonly generation: Generation;
  readonly isDeleted: boolean;
  readonly isVoid: boolean;
  /** The columns with a cell for it, which ascend as the fields of a shape do. */
  readonly fields: FieldName[];
  readonly cells: unknown[];
}

export function joinsToRecords({ ids, marks, columns }: RecordsJoins, origin: Origin): JoinedRecords {
  const drafts = ids.map(() => createDraft(GENERATION_ZERO, false, false));
  for (const { place, isDeleted, generation } of marks) {
    const order = comparePairs(generation, origin);
    drafts[place] = createDraft(generation, isDeleted, isDeleted ? order >= 0 : order > 0);
  }
  const live = drafts.filter((draft) => !draft.isDeleted);
  let voidCount = drafts.length - drafts.filter((draft) => !draft.isVoid).length;
  for (const column of columns) voidCount += addColumn(live, column, origin);
  const deleted = { stamp: origin.stamp, actor: origin.actor };
  let last: { readonly fields: readonly FieldName[]; readonly shape: RecordShape } | undefined;
  const cells = drafts.map(({ generation, isDeleted, isVoid, fields, cells }): RecordCell | undefined => {
    if (isVoid) return undefined;
    if (isDeleted) return createDeleted(generation, deleted);
    // Documents of one make come one after another.
    if (last === undefined || !areSame(last.fields, fields)) last = { fields, shape: shapeOf(fields) };
    // Copied, since an array that grew has room for many more.
    return createDocument(generation, last.shape, cells.slice());
  });
  return { cells, void: voidCount };
}

function createDraft(generation: Generation, isDeleted: boolean, isVoid: boolean): Draft {
  return { generation, isDeleted, isVoid, fields: [], cells: [] };
}

function areSame(a: readonly FieldName[], b: readonly FieldName[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function addColumn(live: readonly Draft[], column: RecordColumn, origin: Origin): number {
  const { places, joins } = column;
  const { joinToCell } = latticeOf(column.kind);
  let voidCount = 0;
  for (let i = 0; i < joins.length; i++) {
    const joined = joinToCell(joins[i], origin);
    voidCount += joined.void;
    if (joined.cell === undefined) continue;
    const draft = live[places === undefined ? i : (places[i] as number)] as Draft;
    draft.fields.push(column);
    draft.cells.push(joined.cell);
  }
  return voidCount;
}
