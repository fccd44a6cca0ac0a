/**
 * Takes back what a transaction did to one cell, in a document or in a container, by what was there before, what the
 * transaction wrote, and what is there now.
 *
 *   last       what showed before, where what shows is still what was written
 *   multi      the writer's own value is replaced by what showed before; values that others wrote stay
 *   counter    the opposite amount
 *   set        added: removed, unless others have added it too. Removed: added, unless others have since
 *   remove-wins set   added: removed. Removed: added, unless a removal of others stands as well
 */
import { idKey } from "../../base/index.ts";
import {
  comparePairs,
  type FieldCells,
  type Generation,
  isReference,
  type LastWriterCell,
  storedToValue,
  type Value,
} from "../../crdt/index.ts";
import { type Aliases, pairText } from "./aliases.ts";
import type { LeftReason } from "./step.ts";

/** A cell of the present, and the transaction that takes back. */
export interface Place {
  readonly aliases: Aliases;
  readonly by: Generation;
  /** The name of the cell, and the one that it had when the transaction wrote it. */
  readonly cell: string;
  readonly was: string;
}

/** What a transaction did to a cell, and what became of it. */
export interface Course<C> {
  readonly before: C | undefined;
  readonly wrote: C | undefined;
  readonly shown: C | undefined;
}

export type Outcome = "taken" | "nothing" | LeftReason;

export interface ElementEditor {
  add(): void;
  remove(): void;
}

export type MultiValueCell = FieldCells["multi"];
export type CounterParts = FieldCells["counter"];
export type AddWinsCell = FieldCells["set"][number]["cell"];
export type RemoveWinsCell = FieldCells["set-remove-wins"][number]["cell"];

export function takeBackLast(
  { aliases, by, cell, was }: Place,
  { before, wrote, shown }: Course<LastWriterCell>,
  write: (value: Value | undefined) => void,
): Outcome {
  if (aliases.original(cell, shown) !== aliases.original(was, wrote)) return "CHANGED_SINCE";
  write(contentOf(before));
  aliases.addPair(cell, by, aliases.original(was, before));
  return "taken";
}

export function takeBackMulti(
  { aliases, by, cell, was }: Place,
  { before, wrote, shown }: Course<MultiValueCell>,
  replaceOwn: (value: Value | undefined) => void,
): Outcome {
  const ownOf = (values: MultiValueCell = []) =>
    values.find((entry) => entry.content !== undefined && isOwn(entry, by));
  if (aliases.original(cell, ownOf(shown)) !== aliases.original(was, ownOf(wrote))) return "CHANGED_SINCE";
  const replaced = replacedValue(before ?? [], wrote ?? []);
  replaceOwn(replaced?.content === undefined ? undefined : storedToValue(replaced.content));
  aliases.addPair(cell, by, aliases.original(was, replaced));
  return "taken";
}

/** What the actor added and subtracted in all, as one amount. */
export function ownAmount(parts: CounterParts | undefined, by: Generation): number {
  const own = parts?.find((part) => idKey(part.actor) === idKey(by.actor));
  return own === undefined ? 0 : own.added - own.subtracted;
}

export function takeBackElement(
  { aliases, by, cell, was }: Place,
  { before = [], wrote = [], shown = [] }: Course<AddWinsCell>,
  editor: ElementEditor,
): Outcome {
  const wasIn = before.some(isAdded);
  if (wasIn === wrote.some(isAdded)) return "nothing";
  const live = shown.filter(isAdded);
  if (!wasIn) {
    // What was added for somebody else, because a removal of theirs was taken back, goes with that again.
    const isWritten = (entry: AddWinsCell[number]): boolean => isOwn(entry, by) && wrote.some(isSameAddition(entry));
    const hasOthers = live.some((entry) => !isWritten(entry) && isForeignAddition(aliases, cell, entry, by));
    if (live.length === 0 || hasOthers) return "CHANGED_SINCE";
    editor.remove();
    return "taken";
  }
  const knownBy = new Map(wrote.map((entry) => [idKey(entry.actor), entry.added]));
  const isNewer = shown.some((entry) => !isOwn(entry, by) && entry.added > (knownBy.get(idKey(entry.actor)) ?? 0));
  if (live.length > 0 || isNewer) return "CHANGED_SINCE";
  editor.add();
  keepForeignAddition({ aliases, by, cell, was }, before);
  return "taken";
}

/** An element that is added again for somebody else stays theirs. */
export function keepForeignAddition({ aliases, by, cell, was }: Place, before: AddWinsCell): void {
  const foreign = before.find((entry) => isAdded(entry) && isForeignAddition(aliases, was, entry, by));
  if (foreign !== undefined) aliases.addPair(cell, by, pairText(additionOf(foreign)));
}

export function takeBackRemoveWins(
  { by }: Place,
  { before, wrote, shown }: Course<RemoveWinsCell>,
  editor: ElementEditor,
): Outcome {
  const wasIn = isIn(before);
  if (wasIn === isIn(wrote)) return "nothing";
  if (isIn(shown) === wasIn) return "CHANGED_SINCE";
  if (!wasIn) {
    editor.remove();
    return "taken";
  }
  const isByOthers = shown?.removals.some((entry) => !entry.isUndone && !isOwn(entry, by));
  if (isByOthers === true) return "CHANGED_SINCE";
  editor.add();
  return "taken";
}

function contentOf(cell: LastWriterCell | undefined): Value | undefined {
  const content = cell?.content;
  return content === undefined || isReference(content) ? undefined : storedToValue(content);
}

/** Of the values that a write replaced, the one that a last-writer register would show: an actor can write one. */
function replacedValue(before: MultiValueCell, wrote: MultiValueCell): MultiValueCell[number] | undefined {
  return before
    .filter((entry) => entry.content !== undefined && !wrote.includes(entry))
    .sort(comparePairs)
    .at(-1);
}

/** Whether an addition is, or stands for, that of somebody else. */
function isForeignAddition(aliases: Aliases, cell: string, entry: AddWinsCell[number], by: Generation): boolean {
  if (!isOwn(entry, by)) return true;
  const pair = additionOf(entry);
  return aliases.original(cell, pair) !== pairText(pair);
}

function additionOf({ added, actor }: AddWinsCell[number]): Generation {
  return { stamp: added, actor };
}

function isSameAddition(entry: AddWinsCell[number]): (other: AddWinsCell[number]) => boolean {
  return (other) => other.added === entry.added && idKey(other.actor) === idKey(entry.actor);
}

function isAdded({ added, removed }: AddWinsCell[number]): boolean {
  return added > removed;
}

function isIn(cell: RemoveWinsCell | undefined): boolean {
  return cell?.isAdded === true && cell.removals.every((entry) => entry.isUndone);
}

export function isOwn({ actor }: Pick<Generation, "actor">, by: Generation): boolean {
  return comparePairs({ stamp: by.stamp, actor }, by) === 0;
}
