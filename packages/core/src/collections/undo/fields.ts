/** Takes back what a transaction did to the fields of a document, each by the rule of its kind (`rules.ts`). */
import type { ContainerId } from "../../base/index.ts";
import {
  type FieldCells,
  fieldOf,
  fieldsOf,
  type RecordCell,
  type RecordEditor,
  type RecordField,
  readCounter,
  readFirst,
  readLast,
  readMulti,
  readSet,
  storedToValue,
} from "../../crdt/index.ts";
import { fieldCell } from "./names.ts";
import {
  isOwn,
  keepForeignAddition,
  type Outcome,
  ownAmount,
  type Place,
  takeBackElement,
  takeBackLast,
  takeBackMulti,
  takeBackRemoveWins,
} from "./rules.ts";
import type { RecordChange } from "./step.ts";
import type { TakingBack } from "./take-back.ts";

interface FieldsChange {
  readonly change: RecordChange;
  readonly before: RecordCell;
  readonly now: RecordCell;
  readonly editor: RecordEditor;
}

/** Whether anything was taken back. */
export function takeBackFields(taking: TakingBack, fields: FieldsChange): boolean {
  const { collection, id } = fields.change;
  let isTaken = false;
  const { after } = fields.change;
  for (const [place, field] of fieldsOf(after).entries()) {
    const was = fields.before.shape.find(field.kind, field.name);
    if (was >= 0 && fields.before.isSameAt(was, after, place)) continue;
    for (const outcome of takeBackField(taking, fields, field)) {
      if (outcome === "taken") isTaken = true;
      else if (outcome !== "nothing") taking.left.push({ collection, id, field: field.name, reason: outcome });
    }
  }
  return isTaken;
}

/** Writes a field of a document that is made anew, and says what it stands for. */
export function restoreField(
  { recorder }: TakingBack,
  { records, id }: RecordChange,
  editor: RecordEditor,
  before: RecordCell,
  { kind, name, cell }: RecordField,
): void {
  const { aliases, by } = recorder;
  const at = fieldCell(records, id, kind, name);
  switch (kind) {
    case "last": {
      const value = readLast(before, name);
      if (value !== undefined) editor.set(name, value);
      aliases.addPair(at, by, aliases.original(at, cell));
      return;
    }
    case "first": {
      const value = readFirst(before, name);
      if (value !== undefined) editor.setFirst(name, value);
      return;
    }
    case "multi": {
      const [value] = readMulti(before, name);
      if (value === undefined) return;
      editor.setMulti(name, value);
      const own = cell.find((entry) => entry.content !== undefined && isOwn(entry, by));
      aliases.addPair(at, by, aliases.original(at, own));
      return;
    }
    case "counter":
      editor.add(name, readCounter(before, name));
      return;
    case "set":
      for (const value of readSet(before, name)) editor.addTo(name, value);
      for (const { key, cell: entries } of cell) {
        const element = `${at}|${key}`;
        keepForeignAddition({ aliases, by, cell: element, was: element }, entries);
      }
      return;
    case "set-remove-wins":
      for (const value of readSet(before, name, "remove-wins")) editor.addTo(name, value, "remove-wins");
  }
}

/** One outcome, or of a set one for each element. */
function takeBackField(taking: TakingBack, fields: FieldsChange, field: RecordField): Outcome[] {
  const { before, now, editor, change } = fields;
  const { name } = field;
  const place = placeOf(taking, change, field);
  switch (field.kind) {
    case "last": {
      const course = { before: fieldOf(before, "last", name), wrote: field.cell, shown: fieldOf(now, "last", name) };
      return [
        takeBackLast(place, course, (value) => (value === undefined ? editor.clear(name) : editor.set(name, value))),
      ];
    }
    case "first":
      return ["FINAL"];
    case "multi": {
      const course = { before: fieldOf(before, "multi", name), wrote: field.cell, shown: fieldOf(now, "multi", name) };
      return [takeBackMulti(place, course, (value) => editor.replaceOwnMulti(name, value))];
    }
    case "counter":
      return [takeBackCounter(taking, fields, name, field.cell)];
    case "set":
      return takeBackElements(taking, fields, name, field.cell);
    case "set-remove-wins":
      return takeBackRemoveWinsElements(taking, fields, name, field.cell);
    default:
      return [];
  }
}

function takeBackCounter(
  { recorder: { by }, isGrowOnly }: TakingBack,
  { before, editor, change }: FieldsChange,
  name: string,
  cell: FieldCells["counter"],
): Outcome {
  const amount = ownAmount(cell, by) - ownAmount(fieldOf(before, "counter", name), by);
  if (amount === 0) return "nothing";
  if (amount > 0 && isGrowOnly(change.records, name)) return "FINAL";
  editor.add(name, -amount);
  return "taken";
}

function takeBackElements(
  { recorder: { aliases, by } }: TakingBack,
  { change, before, now, editor }: FieldsChange,
  name: string,
  cell: FieldCells["set"],
): Outcome[] {
  const shown = fieldOf(now, "set", name);
  return changedElements(fieldOf(before, "set", name) ?? [], cell).map(
    ({ old, part: { key, cell: wrote, element } }) => {
      const at = `${fieldCell(change.records, change.id, "set", name)}|${key}`;
      const course = { before: old?.cell, wrote, shown: shown?.find((other) => other.key === key)?.cell };
      const value = storedToValue(element);
      return takeBackElement({ aliases, by, cell: at, was: at }, course, {
        add: () => editor.addTo(name, value),
        remove: () => editor.removeFrom(name, value),
      });
    },
  );
}

function takeBackRemoveWinsElements(
  taking: TakingBack,
  { change, before, now, editor }: FieldsChange,
  name: string,
  cell: FieldCells["set-remove-wins"],
): Outcome[] {
  const place = placeOf(taking, change, { kind: "set-remove-wins", name });
  const shown = fieldOf(now, "set-remove-wins", name);
  const changed = changedElements(fieldOf(before, "set-remove-wins", name) ?? [], cell);
  return changed.map(({ old, part: { key, cell: wrote, element } }) => {
    const course = { before: old?.cell, wrote, shown: shown?.find((other) => other.key === key)?.cell };
    const value = storedToValue(element);
    return takeBackRemoveWins(place, course, {
      add: () => editor.addTo(name, value, "remove-wins"),
      remove: () => editor.removeFrom(name, value, "remove-wins"),
    });
  });
}

function changedElements<P extends { readonly key: string; readonly cell: unknown }>(
  before: readonly P[],
  after: readonly P[],
): { readonly old: P | undefined; readonly part: P }[] {
  const known = new Map(before.map((part) => [part.key, part]));
  return after.map((part) => ({ old: known.get(part.key), part })).filter(({ old, part }) => old?.cell !== part.cell);
}

function placeOf(
  { recorder: { aliases, by } }: TakingBack,
  { records, id }: { readonly records: ContainerId; readonly id: string },
  { kind, name }: Pick<RecordField, "kind" | "name">,
): Place {
  const cell = fieldCell(records, id, kind, name);
  return { aliases, by, cell, was: cell };
}
