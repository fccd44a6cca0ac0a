/**
 * Counter in a record:
 *
 *   cell   count (varint, above 0) | count times: actor, ascending | added (varint) | subtracted (varint)
 *   join   added (varint) | subtracted (varint)     the sums of the delta's own actor: no other can be named
 */
import type { ActorId } from "../../../base/index.ts";
import { compareActors, joinByActor } from "../../cells/by-actor.ts";
import { type CounterEntryCell, decode, encode, join as joinEntry } from "../../cells/counter-entry.ts";
import { SET_ACTORS_MAX } from "../../limits.ts";
import type { Origin } from "../../origin.ts";
import type { PairReader, PairWriter } from "../pair-table.ts";
import { type JoinedField, UNCHANGED } from "./field-kind.ts";

export interface CounterPart extends CounterEntryCell {
  readonly actor: ActorId;
}

/** Ascending by actor. */
export type CounterField = readonly CounterPart[];
export type CounterJoin = CounterEntryCell;

const BYTES_PER_PART_MIN = 3;

export function join(a: CounterField, b: CounterField): CounterField {
  return joinByActor(a, b, joinParts);
}

export function write(into: PairWriter, cell: CounterField): void {
  into.writer.varint(cell.length);
  for (const part of cell) {
    into.actor(part.actor);
    encode(into.writer, part);
  }
}

export function read(from: PairReader): CounterField {
  const { reader } = from;
  const count = reader.count(SET_ACTORS_MAX, BYTES_PER_PART_MIN);
  const cell: CounterPart[] = [];
  if (count === 0) reader.fail();
  for (let i = 0; i < count && !reader.failed; i++) {
    const actor = from.actor();
    const { added, subtracted } = decode(reader);
    const previous = cell.at(-1);
    if (previous !== undefined && compareActors(previous.actor, actor) >= 0) reader.fail();
    cell.push({ actor, added, subtracted });
  }
  // An array that grew has room for sixteen more.
  return cell.slice();
}

export function writeJoin(into: PairWriter, sums: CounterJoin): void {
  encode(into.writer, sums);
}

export function readJoin(from: PairReader): CounterJoin {
  return decode(from.reader);
}

export function joinToCell({ added, subtracted }: CounterJoin, { actor }: Origin): JoinedField<CounterField> {
  return { cell: [{ actor, added, subtracted }], void: 0 };
}

export function changeOf(
  base: CounterField | undefined,
  cell: CounterField,
  { actor }: Origin,
): CounterJoin | typeof UNCHANGED {
  const own = partOf(cell, actor);
  return own === undefined || own === (base && partOf(base, actor)) ? UNCHANGED : own;
}

export function partOf(cell: CounterField, actor: ActorId): CounterPart | undefined {
  for (const part of cell) if (compareActors(part.actor, actor) === 0) return part;
  return undefined;
}

function joinParts(a: CounterPart, b: CounterPart): CounterPart {
  const joined = joinEntry(a, b);
  if (joined === a || joined === b) return joined === a ? a : b;
  return { actor: a.actor, added: joined.added, subtracted: joined.subtracted };
}
