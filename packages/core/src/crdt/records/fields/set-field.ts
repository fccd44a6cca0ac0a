/**
 * Add-wins set in a record, element by element as in `set-element.ts`:
 *
 *   cell of an element   count (varint, above 0) | count times: pair (stamp of the last add, may be 0), ascending by
 *                        actor | removed (varint)
 *   join of an element   what was seen: none for an add of the delta's own, else a removal of the adds seen
 */
import { STAMP_MAX, STAMP_ZERO, type Stamp } from "../../../base/index.ts";
import { compareActors, type Seen, seenBelow } from "../../cells/by-actor.ts";
import {
  createSetEntry,
  isLive,
  join as joinElement,
  type SetElementCell,
  type SetEntry,
} from "../../cells/set-element.ts";
import { JOINS_MAX, SET_ACTORS_MAX } from "../../limits.ts";
import type { Origin } from "../../origin.ts";
import type { Stored } from "../../stored.ts";
import { RECORD_ELEMENTS_MAX } from "../limits.ts";
import type { PairReader, PairWriter } from "../pair-table.ts";
import {
  changedElements,
  type ElementPart,
  type Elements,
  joinElements,
  readElements,
  writeElements,
} from "./elements.ts";
import { type JoinBudget, type JoinedField, UNCHANGED } from "./field-kind.ts";
import { readSeen, writeSeen } from "./seen.ts";

export type SetField = Elements<SetElementCell>;

/** Of each element the adds that the writer removes; none for an add. */
export type SetJoin = readonly { readonly key: string; readonly element: Stored; readonly cell: readonly Seen[] }[];

const BYTES_PER_ENTRY_MIN = 2;

export function join(a: SetField, b: SetField): SetField {
  return joinElements(a, b, joinElement);
}

export function write(into: PairWriter, cell: SetField): void {
  writeElements(into, cell, writeElement);
}

export function read(from: PairReader): SetField {
  return readElements(from, RECORD_ELEMENTS_MAX, true, readElement);
}

export function writeJoin(into: PairWriter, changes: SetJoin): void {
  writeElements(into, changes, writeSeen);
}

export function readJoin(from: PairReader, budget: JoinBudget): SetJoin {
  const parts = readElements(from, JOINS_MAX - budget.joins, false, (reader) => {
    const seen = readSeen(reader, Math.min(SET_ACTORS_MAX, JOINS_MAX - budget.joins));
    budget.joins += 1 + seen.length;
    return seen;
  });
  return parts;
}

export function joinToCell(changes: SetJoin, origin: Origin): JoinedField<SetField> {
  let voidCount = 0;
  let cell: SetField = [];
  for (const { key, element, cell: seen } of changes) {
    const valid = seenBelow(seen, origin);
    voidCount += seen.length - valid.length;
    if (seen.length > 0 && valid.length === 0) continue;
    const entries = seen.length === 0 ? [addedBy(origin)] : valid.map(removalOf);
    cell = join(cell, [{ key, element, cell: entries }]);
  }
  return { cell: cell.length === 0 ? undefined : cell, void: voidCount };
}

export function changeOf(base: SetField | undefined, cell: SetField, origin: Origin): SetJoin | typeof UNCHANGED {
  const changes = changedElements(base, cell, (before, after) => removalsSince(before, after, origin));
  return changes.length === 0 ? UNCHANGED : changes;
}

/** The element's cell after an add by the transaction of `origin`, which has seen `base`. */
export function withAddition(base: SetElementCell | undefined, origin: Origin): SetElementCell {
  return joinElement(base ?? [], [addedBy(origin)]);
}

/** The element's cell without the adds that `base` shows; undefined when there is none in `base`. */
export function withRemoval(base: SetElementCell | undefined): SetElementCell | undefined {
  if (base === undefined || !isLive(base)) return base;
  const live = base.filter((entry) => entry.added > entry.removed);
  return joinElement(
    base,
    live.map((entry) => createSetEntry(entry.actor, 0, entry.added)),
  );
}

export function liveElements(cell: SetField): Stored[] {
  return cell.filter((part: ElementPart<SetElementCell>) => isLive(part.cell)).map(({ element }) => element);
}

function addedBy({ actor, stamp }: Origin): SetEntry {
  return createSetEntry(actor, stamp, 0);
}

function removalOf({ actor, stamp }: Seen): SetEntry {
  return createSetEntry(actor, 0, stamp);
}

/** Empty when the transaction added the element in the end. */
function removalsSince(base: SetElementCell | undefined, cell: SetElementCell, { actor, stamp }: Origin): Seen[] {
  if (cell.some((entry) => entry.added === stamp && entry.actor === actor)) return [];
  const known = new Set(base);
  return cell.filter((entry) => !known.has(entry)).map((entry) => ({ actor: entry.actor, stamp: entry.removed }));
}

function writeElement(into: PairWriter, cell: SetElementCell): void {
  into.writer.varint(cell.length);
  for (const { actor, added, removed } of cell) {
    into.pair(added, actor);
    into.writer.varint(removed);
  }
}

function readElement(from: PairReader): SetElementCell {
  const { reader } = from;
  const count = reader.count(SET_ACTORS_MAX, BYTES_PER_ENTRY_MIN);
  const cell: SetEntry[] = [];
  if (count === 0) reader.fail();
  for (let i = 0; i < count && !reader.failed; i++) {
    const { stamp, actor } = from.pair();
    const removed = reader.varint();
    const previous = cell.at(-1);
    if (previous !== undefined && compareActors(previous.actor, actor) >= 0) reader.fail();
    if (removed > STAMP_MAX || (stamp === STAMP_ZERO && removed === 0)) reader.fail();
    cell.push({ actor, added: stamp, removed: removed as Stamp });
  }
  return cell;
}
