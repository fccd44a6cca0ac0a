/** Takes back what a transaction did to a document as a whole: inserted it, deleted it, or wrote in its fields. */
import type { ContainerId } from "../../base/index.ts";
import { fieldsOf, type RecordCell, type RecordsWriter } from "../../crdt/index.ts";
import { NOTHING } from "./aliases.ts";
import { restoreField, takeBackFields } from "./fields.ts";
import { fill } from "./fill.ts";
import { deletionCell, generationCell } from "./names.ts";
import { childrenOf, someContainer } from "./snapshot.ts";
import type { LeftReason, RecordChange } from "./step.ts";
import type { TakingBack } from "./take-back.ts";

/** Whether anything was taken back. `at` is when the change was made. */
export function takeBackRecord(taking: TakingBack, change: RecordChange, at: number): boolean {
  const records = taking.transaction.field("records", change.collection);
  const { before, after, id } = change;
  const wasThere = isThere(before);
  if (!isThere(after)) return wasThere && restoreDeleted(taking, records, change, before);
  const now = records.get(id);
  if (now === undefined || !isSameDocument(taking, change, now)) return leave(taking, change, "DOCUMENT_GONE");
  if (wasThere && before.generation.stamp === after.generation.stamp) {
    return takeBackFields(taking, { change, before, now, editor: records.edit(id) });
  }
  if (hasOthers(taking, records, change, now, at)) return leave(taking, change, "CHANGED_SINCE");
  deleteInserted(taking, records, change);
  if (wasThere) writeAgain(taking, records, change, before);
  return true;
}

function deleteInserted({ recorder }: TakingBack, records: RecordsWriter, { before, id }: RecordChange): void {
  records.delete(id);
  const cell = deletionCell(records.target.id, id);
  recorder.aliases.addPair(cell, recorder.by, recorder.aliases.original(cell, before?.deleted));
}

function restoreDeleted(taking: TakingBack, records: RecordsWriter, change: RecordChange, before: RecordCell): boolean {
  const { aliases } = taking.recorder;
  const now = records.target.get(change.id);
  const deleted = now?.deleted;
  if (isThere(now)) return leave(taking, change, "DOCUMENT_THERE");
  const cell = deletionCell(change.records, change.id);
  if (aliases.original(cell, deleted) !== aliases.original(cell, change.after.deleted)) {
    return leave(taking, change, "CHANGED_SINCE");
  }
  writeAgain(taking, records, change, before);
  return true;
}

/** The document as it was, under a new generation that stands for the old one. */
function writeAgain(taking: TakingBack, records: RecordsWriter, change: RecordChange, before: RecordCell): void {
  const { recorder } = taking;
  const { aliases } = recorder;
  const editor = records.insert(change.id);
  const generation = records.get(change.id)?.generation;
  const name = generationCell(change.records, change.id);
  if (generation !== undefined) aliases.addPair(name, generation, aliases.original(name, before.generation));
  for (const field of fieldsOf(before)) restoreField(taking, change, editor, before, field);
  for (const child of change.children) {
    const { field, snapshot } = child;
    const isWhole = fill(recorder, snapshot, (type) => editor.child(type, field));
    if (!isWhole) leave(taking, { ...change, field }, "NOT_RECORDED");
  }
}

/** Whether somebody else has worked on a document, or on a container in it, since. */
function hasOthers(
  { elsewhere }: TakingBack,
  records: RecordsWriter,
  { id, records: container }: RecordChange,
  now: RecordCell,
  at: number,
): boolean {
  if (elsewhere.hasChanged(container, id, at)) return true;
  const test = (child: ContainerId): boolean => elsewhere.hasChanged(child, undefined, at);
  return childrenOf(records, id, now).some(({ snapshot }) => someContainer(snapshot, test));
}

function isSameDocument({ recorder }: TakingBack, { records, id, after }: RecordChange, now: RecordCell): boolean {
  const { aliases } = recorder;
  const name = generationCell(records, id);
  const original = aliases.original(name, now.generation);
  return original !== NOTHING && original === aliases.original(name, after.generation);
}

function isThere(cell: RecordCell | undefined): cell is RecordCell {
  return cell !== undefined && cell.deleted === undefined;
}

function leave(
  { left }: TakingBack,
  change: Omit<RecordChange, "kind"> & { field?: string },
  reason: LeftReason,
): false {
  const { collection, id, field } = change;
  left.push({ collection, id, ...(field === undefined ? {} : { field }), reason });
  return false;
}
