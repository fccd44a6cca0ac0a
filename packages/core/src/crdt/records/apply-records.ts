/**
 * Joins of records under their delta's header, as the record cells that they are. Void: what names a generation or
 * something seen that lies above the delta itself, and a deletion of a generation that is not below it.
 */

import { GENERATION_ZERO, type Generation } from "../cell-key.ts";
import type { Origin } from "../origin.ts";
import { latticeOf } from "./fields/fields.ts";
import { comparePairs, createField, type RecordCell, type RecordField } from "./record-cell.ts";
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
  readonly fields: RecordField[];
}

export function joinsToRecords({ ids, marks, columns }: RecordsJoins, origin: Origin): JoinedRecords {
  const drafts: Draft[] = ids.map(() => ({ generation: GENERATION_ZERO, isDeleted: false, isVoid: false, fields: [] }));
  for (const { place, isDeleted, generation } of marks) {
    const order = comparePairs(generation, origin);
    drafts[place] = { generation, isDeleted, isVoid: isDeleted ? order >= 0 : order > 0, fields: [] };
  }
  const live = drafts.filter((draft) => !draft.isDeleted);
  let voidCount = drafts.length - drafts.filter((draft) => !draft.isVoid).length;
  for (const column of columns) voidCount += addColumn(live, column, origin);
  const deleted = { stamp: origin.stamp, actor: origin.actor };
  const cells = drafts.map(({ generation, isDeleted, isVoid, fields }): RecordCell | undefined => {
    return isVoid ? undefined : { generation, deleted: isDeleted ? deleted : undefined, fields };
  });
  return { cells, void: voidCount };
}

function addColumn(live: readonly Draft[], { kind, name, places, joins }: RecordColumn, origin: Origin): number {
  const { joinToCell } = latticeOf(kind);
  let voidCount = 0;
  for (let i = 0; i < places.length; i++) {
    const joined = joinToCell(joins[i], origin);
    voidCount += joined.void;
    if (joined.cell === undefined) continue;
    (live[places[i] as number] as Draft).fields.push(createField(kind, name, joined.cell));
  }
  return voidCount;
}
