/**
 * Takes back what a transaction did to the fields of a document.
 *
 *   last       what showed before, where what shows is still what was written
 *   first      stays: it is for good
 *   multi      the writer's own value is replaced by what showed before; values that others wrote stay
 *   counter    the opposite amount
 *   set        added: removed, unless others have added it too. Removed: added, unless others have since
 *   remove-wins set   added: removed. Removed: added, unless a removal of others stands as well
 */
import { type ContainerId, idKey } from "../../base/index.ts";
import {
  comparePairs,
  type FieldCells,
  type FieldKind,
  fieldOf,
  fieldsOf,
  type Generation,
  type RecordCell,
  type RecordEditor,
  type RecordField,
  readCounter,
  readFirst,
  readLast,
  readMulti,
  readSet,
  type SetPolicy,
  storedToValue,
} from "../../crdt/index.ts";
import { pairText } from "./aliases.ts";
import type { LeftReason, RecordChange } from "./step.ts";
import type { TakingBack } from "./take-back.ts";

interface FieldsChange {
  readonly change: RecordChange;
  readonly before: RecordCell;
  readonly now: RecordCell;
  readonly editor: RecordEditor;
}

type Part<K extends "set" | "set-remove-wins"> = FieldCells[K][number];

/** Whether anything was taken back. */
export function takeBackFields(taking: TakingBack, fields: FieldsChange): boolean {
  let isTaken = false;
  for (const field of fieldsOf(fields.change.after)) {
    if (fieldOf(fields.before, field.kind, field.name) === field.cell) continue;
    isTaken = takeBackField(taking, fields, field) || isTaken;
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
        const foreign = entries.find((entry) => entry.added > entry.removed && isForeign(aliases, at, key, entry, by));
        if (foreign !== undefined) aliases.addPair(`${at}|${key}`, by, addedPair(foreign));
      }
      return;
    case "set-remove-wins":
      for (const value of readSet(before, name, "remove-wins")) editor.addTo(name, value, "remove-wins");
  }
}

function takeBackField(taking: TakingBack, fields: FieldsChange, field: RecordField): boolean {
  const { name } = field;
  switch (field.kind) {
    case "last":
      return takeBackLast(taking, fields, name, field.cell);
    case "first":
      return leave(taking, fields, name, "FINAL");
    case "multi":
      return takeBackMulti(taking, fields, name, field.cell);
    case "counter":
      return takeBackCounter(taking, fields, name, field.cell);
    case "set": {
      const before = fieldOf(fields.before, "set", name) ?? [];
      return eachElement(before, field.cell, (old, part) => takeBackElement(taking, fields, name, old, part));
    }
    case "set-remove-wins": {
      const before = fieldOf(fields.before, "set-remove-wins", name) ?? [];
      return eachElement(before, field.cell, (_, part) => takeBackRemoveWins(taking, fields, name, part));
    }
    default:
      return false;
  }
}

function takeBackLast(taking: TakingBack, fields: FieldsChange, name: string, wrote: FieldCells["last"]): boolean {
  const { aliases, by } = taking.recorder;
  const { before, now, editor, change } = fields;
  const at = fieldCell(change.records, change.id, "last", name);
  const shown = fieldOf(now, "last", name);
  if (aliases.original(at, shown) !== aliases.original(at, wrote)) return leave(taking, fields, name, "CHANGED_SINCE");
  const value = readLast(before, name);
  if (value === undefined) editor.clear(name);
  else editor.set(name, value);
  aliases.addPair(at, by, aliases.original(at, fieldOf(before, "last", name)));
  return true;
}

function takeBackMulti(taking: TakingBack, fields: FieldsChange, name: string, wrote: FieldCells["multi"]): boolean {
  const { aliases, by } = taking.recorder;
  const { before, now, editor, change } = fields;
  const at = fieldCell(change.records, change.id, "multi", name);
  const ownOf = (cell: FieldCells["multi"] | undefined) =>
    cell?.find((entry) => entry.content !== undefined && isOwn(entry, by));
  const own = ownOf(fieldOf(now, "multi", name));
  if (aliases.original(at, own) !== aliases.original(at, ownOf(wrote)))
    return leave(taking, fields, name, "CHANGED_SINCE");
  const replaced = replacedValue(fieldOf(before, "multi", name) ?? [], wrote);
  editor.replaceOwnMulti(name, replaced?.content === undefined ? undefined : storedToValue(replaced.content));
  aliases.addPair(at, by, aliases.original(at, replaced));
  return true;
}

/** Of the values that a write replaced, the one that a last-writer register would show: an actor can write one. */
function replacedValue(
  before: FieldCells["multi"],
  wrote: FieldCells["multi"],
): FieldCells["multi"][number] | undefined {
  return before
    .filter((entry) => entry.content !== undefined && !wrote.includes(entry))
    .sort(comparePairs)
    .at(-1);
}

function takeBackCounter(taking: TakingBack, fields: FieldsChange, name: string, cell: FieldCells["counter"]): boolean {
  const { by } = taking.recorder;
  const { before, editor, change } = fields;
  const sumOf = (parts: FieldCells["counter"] | undefined): number => {
    const own = parts?.find((part) => idKey(part.actor) === idKey(by.actor));
    return own === undefined ? 0 : own.added - own.subtracted;
  };
  const amount = sumOf(cell) - sumOf(fieldOf(before, "counter", name));
  if (amount === 0) return false;
  if (amount > 0 && taking.isGrowOnly(change.records, name)) return leave(taking, fields, name, "FINAL");
  editor.add(name, -amount);
  return true;
}

function takeBackElement(
  taking: TakingBack,
  fields: FieldsChange,
  name: string,
  old: Part<"set"> | undefined,
  part: Part<"set">,
): boolean {
  const { aliases, by } = taking.recorder;
  const { now, editor, change } = fields;
  const wasIn = old?.cell.some(isAdded) === true;
  if (wasIn === part.cell.some(isAdded)) return false;
  const at = fieldCell(change.records, change.id, "set", name);
  const shown = fieldOf(now, "set", name)?.find(({ key }) => key === part.key)?.cell ?? [];
  const live = shown.filter(isAdded);
  const value = storedToValue(part.element);
  if (!wasIn) {
    const hasOthers = live.some((entry) => isForeign(aliases, at, part.key, entry, by));
    if (live.length === 0 || hasOthers) return leave(taking, fields, name, "CHANGED_SINCE");
    editor.removeFrom(name, value);
    return true;
  }
  const knownBy = new Map(part.cell.map((entry) => [idKey(entry.actor), entry.added]));
  const isNewer = shown.some((entry) => !isOwn(entry, by) && entry.added > (knownBy.get(idKey(entry.actor)) ?? 0));
  if (live.length > 0 || isNewer) return leave(taking, fields, name, "CHANGED_SINCE");
  editor.addTo(name, value);
  const foreign = old?.cell.find((entry) => isAdded(entry) && isForeign(aliases, at, part.key, entry, by));
  if (foreign !== undefined) aliases.addPair(`${at}|${part.key}`, by, addedPair(foreign));
  return true;
}

function takeBackRemoveWins(
  taking: TakingBack,
  fields: FieldsChange,
  name: string,
  part: Part<"set-remove-wins">,
): boolean {
  const { by } = taking.recorder;
  const { before, now, editor, change } = fields;
  const policy: SetPolicy = "remove-wins";
  const isInAt = (cell: RecordCell): boolean => isElementIn(fieldOf(cell, "set-remove-wins", name), part.key);
  const wasIn = isInAt(before);
  if (wasIn === isInAt(change.after)) return false;
  if (isInAt(now) === wasIn) return leave(taking, fields, name, "CHANGED_SINCE");
  const value = storedToValue(part.element);
  if (!wasIn) {
    editor.removeFrom(name, value, policy);
    return true;
  }
  const shown = fieldOf(now, "set-remove-wins", name)?.find(({ key }) => key === part.key)?.cell;
  const isByOthers = shown?.removals.some((entry) => !entry.isUndone && !isOwn(entry, by));
  if (isByOthers === true) return leave(taking, fields, name, "CHANGED_SINCE");
  editor.addTo(name, value, policy);
  return true;
}

function eachElement<P extends { readonly key: string; readonly cell: unknown }>(
  before: readonly P[],
  after: readonly P[],
  run: (old: P | undefined, part: P) => boolean,
): boolean {
  const known = new Map(before.map((part) => [part.key, part]));
  let isTaken = false;
  for (const part of after) {
    const old = known.get(part.key);
    if (old?.cell !== part.cell) isTaken = run(old, part) || isTaken;
  }
  return isTaken;
}

function isElementIn(cell: FieldCells["set-remove-wins"] | undefined, key: string): boolean {
  const part = cell?.find((element) => element.key === key)?.cell;
  return part?.isAdded === true && part.removals.every((entry) => entry.isUndone);
}

function isAdded({ added, removed }: { readonly added: number; readonly removed: number }): boolean {
  return added > removed;
}

/** Whether an addition is, or stands for, that of somebody else. */
function isForeign(
  aliases: TakingBack["recorder"]["aliases"],
  at: string,
  key: string,
  entry: FieldCells["set"][number]["cell"][number],
  by: Generation,
): boolean {
  if (!isOwn(entry, by)) return true;
  const pair = { stamp: entry.added, actor: entry.actor };
  return aliases.original(`${at}|${key}`, pair) !== pairText(pair);
}

function addedPair({ added, actor }: FieldCells["set"][number]["cell"][number]): string {
  return pairText({ stamp: added, actor });
}

function isOwn({ actor }: Pick<Generation, "actor">, by: Generation): boolean {
  return comparePairs({ stamp: by.stamp, actor }, by) === 0;
}

function fieldCell(records: ContainerId, id: string, kind: FieldKind, name: string): string {
  return `${idKey(records)}|${id}|${kind}|${name}`;
}

function leave({ left }: TakingBack, { change }: FieldsChange, field: string, reason: LeftReason): false {
  left.push({ collection: change.collection, id: change.id, field, reason });
  return false;
}
