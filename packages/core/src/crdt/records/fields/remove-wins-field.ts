/**
 * Remove-wins set in a record, element by element as in `remove-wins.ts`:
 *
 *   cell of an element   added (0 or 1) | count (varint) | count times: pair (stamp above 0), ascending by actor |
 *                        undone (0 or 1)
 *   join of an element   0 for a removal by the delta's own actor, 1 for an add | of an add, the removals seen
 */
import { compareActors, type Seen, seenBelow } from "../../cells/by-actor.ts";
import {
  createAddition,
  createRemoval,
  isLive,
  join as joinElement,
  type RemovalEntry,
  type RemoveWinsCell,
  seenRemovals,
} from "../../cells/remove-wins.ts";
import { JOINS_MAX, SET_ACTORS_MAX } from "../../limits.ts";
import type { Origin } from "../../origin.ts";
import type { Stored } from "../../stored.ts";
import { RECORD_ELEMENTS_MAX } from "../limits.ts";
import type { PairReader, PairWriter } from "../pair-table.ts";
import { changedElements, type Elements, joinElements, readElements, writeElements } from "./elements.ts";
import { type JoinBudget, type JoinedField, UNCHANGED } from "./field-kind.ts";
import { readSeen, writeSeen } from "./seen.ts";

export type RemoveWinsField = Elements<RemoveWinsCell>;

/** Of each element the removals that an adder undoes; undefined for a removal. */
export type RemoveWinsJoin = readonly {
  readonly key: string;
  readonly element: Stored;
  readonly cell: readonly Seen[] | undefined;
}[];

const BYTES_PER_ENTRY_MIN = 2;

export function join(a: RemoveWinsField, b: RemoveWinsField): RemoveWinsField {
  return joinElements(a, b, joinElement);
}

export function write(into: PairWriter, cell: RemoveWinsField): void {
  writeElements(into, cell, writeElement);
}

export function read(from: PairReader): RemoveWinsField {
  return readElements(from, RECORD_ELEMENTS_MAX, true, readElement);
}

export function writeJoin(into: PairWriter, changes: RemoveWinsJoin): void {
  writeElements(into, changes, (at, seen) => {
    at.writer.u8(seen === undefined ? 0 : 1);
    if (seen !== undefined) writeSeen(at, seen);
  });
}

export function readJoin(from: PairReader, budget: JoinBudget): RemoveWinsJoin {
  return readElements(from, JOINS_MAX - budget.joins, false, (at) => {
    const isAdd = readFlag(at);
    const seen = isAdd ? readSeen(at, Math.min(SET_ACTORS_MAX, JOINS_MAX - budget.joins)) : undefined;
    budget.joins += 1 + (seen?.length ?? 0);
    return seen;
  });
}

export function joinToCell(changes: RemoveWinsJoin, origin: Origin): JoinedField<RemoveWinsField> {
  let voidCount = 0;
  let cell: RemoveWinsField = [];
  for (const { key, element, cell: seen } of changes) {
    const valid = seen && seenBelow(seen, origin);
    voidCount += (seen?.length ?? 0) - (valid?.length ?? 0);
    const said = valid === undefined ? createRemoval(origin) : createAddition(valid);
    cell = join(cell, [{ key, element, cell: said }]);
  }
  return { cell, void: voidCount };
}

export function changeOf(
  base: RemoveWinsField | undefined,
  cell: RemoveWinsField,
  origin: Origin,
): RemoveWinsJoin | typeof UNCHANGED {
  const changes = changedElements(base, cell, (before, after) => undoneSince(before, after, origin));
  return changes.length === 0 ? UNCHANGED : changes;
}

/** The element's cell after an add that has seen `base`. */
export function withAddition(base: RemoveWinsCell | undefined): RemoveWinsCell {
  return base === undefined ? createAddition([]) : joinElement(base, createAddition(seenRemovals(base)));
}

/** The element's cell after a removal by the transaction of `origin`; what was not there stays away by itself. */
export function withRemoval(base: RemoveWinsCell | undefined, origin: Origin): RemoveWinsCell | undefined {
  return base === undefined || !isLive(base) ? base : joinElement(base, createRemoval(origin));
}

export function liveElements(cell: RemoveWinsField): Stored[] {
  return cell.filter((part) => isLive(part.cell)).map(({ element }) => element);
}

/** Undefined when the transaction removed the element in the end. */
function undoneSince(
  base: RemoveWinsCell | undefined,
  cell: RemoveWinsCell,
  { actor, stamp }: Origin,
): Seen[] | undefined {
  if (cell.removals.some((entry) => entry.stamp === stamp && entry.actor === actor && !entry.isUndone))
    return undefined;
  const known = new Set(base?.removals);
  return cell.removals
    .filter((entry) => !known.has(entry))
    .map((entry) => ({ actor: entry.actor, stamp: entry.stamp }));
}

function writeElement(into: PairWriter, cell: RemoveWinsCell): void {
  into.writer.u8(cell.isAdded ? 1 : 0).varint(cell.removals.length);
  for (const { actor, stamp, isUndone } of cell.removals) {
    into.pair(stamp, actor);
    into.writer.u8(isUndone ? 1 : 0);
  }
}

function readElement(from: PairReader): RemoveWinsCell {
  const { reader } = from;
  const isAdded = readFlag(from);
  const count = reader.count(SET_ACTORS_MAX, BYTES_PER_ENTRY_MIN);
  const removals: RemovalEntry[] = [];
  if (!isAdded && count === 0) reader.fail();
  for (let i = 0; i < count && !reader.failed; i++) {
    const { stamp, actor } = from.pair();
    const previous = removals.at(-1);
    if (stamp === 0 || (previous !== undefined && compareActors(previous.actor, actor) >= 0)) reader.fail();
    removals.push({ actor, stamp, isUndone: readFlag(from) });
  }
  return { isAdded, removals };
}

function readFlag({ reader }: PairReader): boolean {
  const flag = reader.u8();
  if (flag > 1) reader.fail();
  return flag === 1;
}
