/**
 * Remove-wins element: in the set when somebody has added it and every removal was seen by somebody who added it again.
 * So of a concurrent add and removal the removal wins, the mirror image of `set-element.ts`.
 *
 *   added (0 or 1) | count (varint) | count times: actor (16, ascending) | stamp (varint, above 0) | undone (0 or 1)
 *
 * An actor's entry holds the stamp of its last removal, or, when undone, the greatest of its removals that an adder has
 * seen. Of two the greater stamp wins, then the undone one; the rest of the pair can never matter again. Refused: an
 * element that nobody added or removed, actors out of order, flags other than 0 and 1.
 */
import { type ActorId, type Reader, STAMP_MAX, type Stamp, type Writer } from "../../base/index.ts";
import type { Intern } from "../origin.ts";
import { joinByActor, readByActor, type Seen } from "./by-actor.ts";

export interface RemovalEntry {
  readonly actor: ActorId;
  readonly stamp: Stamp;
  /** Whether an adder has seen the actor's removals up to this stamp. */
  readonly isUndone: boolean;
}

export interface RemoveWinsCell {
  readonly isAdded: boolean;
  /** Ascending by actor. */
  readonly removals: readonly RemovalEntry[];
}

const BYTES_PER_ENTRY_MIN = 2;

export const empty: RemoveWinsCell = { isAdded: false, removals: [] };

export function join(a: RemoveWinsCell, b: RemoveWinsCell): RemoveWinsCell {
  const removals = joinByActor(a.removals, b.removals, joinEntries);
  const isAdded = a.isAdded || b.isAdded;
  return removals === a.removals && isAdded === a.isAdded ? a : { isAdded, removals };
}

export function encode(writer: Writer, cell: RemoveWinsCell): void {
  writer.u8(cell.isAdded ? 1 : 0).varint(cell.removals.length);
  for (const { actor, stamp, isUndone } of cell.removals)
    writer
      .raw(actor)
      .varint(stamp)
      .u8(isUndone ? 1 : 0);
}

export function decode(reader: Reader, intern: Intern): RemoveWinsCell {
  const isAdded = readFlag(reader);
  const removals = readByActor(reader, intern, BYTES_PER_ENTRY_MIN, (from, actor): RemovalEntry => {
    const stamp = from.varint();
    const isUndone = readFlag(from);
    if (stamp === 0 || stamp > STAMP_MAX) from.fail();
    return { actor, stamp: stamp as Stamp, isUndone };
  });
  if (!isAdded && removals.length === 0) reader.fail();
  return reader.failed ? empty : { isAdded, removals };
}

export function isLive(cell: RemoveWinsCell): boolean {
  if (!cell.isAdded) return false;
  for (const removal of cell.removals) if (!removal.isUndone) return false;
  return true;
}

/** What an adder undoes who has seen this cell. */
export function seenRemovals(cell: RemoveWinsCell): Seen[] {
  return cell.removals.filter((removal) => !removal.isUndone).map(({ actor, stamp }) => ({ actor, stamp }));
}

/** The cell that says what one delta did: it added the element again, having seen these removals. */
export function createAddition(seen: readonly Seen[]): RemoveWinsCell {
  return { isAdded: true, removals: seen.map(({ actor, stamp }) => ({ actor, stamp, isUndone: true })) };
}

/** The cell that says what one delta did: it removed the element. */
export function createRemoval({ actor, stamp }: Seen): RemoveWinsCell {
  return { isAdded: false, removals: [{ actor, stamp, isUndone: false }] };
}

function joinEntries(a: RemovalEntry, b: RemovalEntry): RemovalEntry {
  if (a.stamp !== b.stamp) return a.stamp > b.stamp ? a : b;
  return a.isUndone || !b.isUndone ? a : b;
}

function readFlag(reader: Reader): boolean {
  const flag = reader.u8();
  if (flag > 1) reader.fail();
  return flag === 1;
}
