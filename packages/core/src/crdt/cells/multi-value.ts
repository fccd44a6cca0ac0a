/**
 * Multi-value: every value that nobody who saw it has overwritten. Concurrent writes all stay, until somebody writes
 * who has seen them.
 *
 *   count (varint, above 0) | count times: actor (16, ascending) | stamp (varint, above 0) | value, or absent
 *
 * An actor's entry holds its last value and the stamp of it, or, when absent, the greatest stamp of its values that was
 * overwritten. Of two the greater stamp wins, then the overwritten, then the greater canonical bytes: a value whose
 * stamp is not above what was overwritten can never show again, and one whose stamp is needs no memory of it, so of the
 * pair (value, overwritten) only the greater is kept. Refused: a reference, actors out of order.
 *
 * Multi-value register after Shapiro et al. (2011), its version vector kept per value's actor.
 */
import { type ActorId, type Reader, STAMP_MAX, type Stamp, type Writer } from "../../base/index.ts";
import { compareContents, isReference, readContent, writeContent } from "../content.ts";
import type { Intern } from "../origin.ts";
import type { Stored } from "../stored.ts";
import { compareActors, joinByActor, readByActor, type Seen } from "./by-actor.ts";

export interface MultiValueEntry {
  readonly actor: ActorId;
  readonly stamp: Stamp;
  /** Undefined: the actor's values up to this stamp were overwritten. */
  readonly content: Stored | undefined;
}

/** Ascending by actor. */
export type MultiValueCell = readonly MultiValueEntry[];

const BYTES_PER_ENTRY_MIN = 2;

export const empty: MultiValueCell = [];

export function join(a: MultiValueCell, b: MultiValueCell): MultiValueCell {
  return joinByActor(a, b, joinEntries);
}

export function encode(writer: Writer, cell: MultiValueCell): void {
  writer.varint(cell.length);
  for (const { actor, stamp, content } of cell) writeContent(writer.raw(actor).varint(stamp), content);
}

export function decode(reader: Reader, intern: Intern): MultiValueCell {
  const cell = readByActor(reader, intern, BYTES_PER_ENTRY_MIN, (from, actor): MultiValueEntry => {
    const stamp = from.varint();
    const content = readContent(from, intern);
    if (stamp === 0 || stamp > STAMP_MAX || isReference(content)) from.fail();
    return { actor, stamp: stamp as Stamp, content: isReference(content) ? undefined : content };
  });
  if (cell.length === 0) reader.fail();
  return cell;
}

export function isLive(cell: MultiValueCell): boolean {
  for (const entry of cell) if (entry.content !== undefined) return true;
  return false;
}

/** The values that show, each once; the one that a last-writer register would show comes first. */
export function shownContents(cell: MultiValueCell): Stored[] {
  const live = cell.filter((entry) => entry.content !== undefined);
  live.sort((a, b) => b.stamp - a.stamp || compareActors(b.actor, a.actor));
  const shown: Stored[] = [];
  for (const { content } of live) {
    const isNew = content !== undefined && !shown.some((known) => compareContents(known, content) === 0);
    if (isNew) shown.push(content);
  }
  return shown;
}

/** What a writer overwrites who has seen this cell. */
export function seenValues(cell: MultiValueCell): Seen[] {
  return cell.filter((entry) => entry.content !== undefined).map(({ actor, stamp }) => ({ actor, stamp }));
}

/** The cell that says what one delta did: its value (undefined for none) in place of the values it had seen. */
export function createMultiValue(by: Seen, content: Stored | undefined, seen: readonly Seen[]): MultiValueCell {
  const overwritten = seen.map(({ actor, stamp }): MultiValueEntry => ({ actor, stamp, content: undefined }));
  if (content === undefined) return overwritten;
  return join(overwritten, [{ actor: by.actor, stamp: by.stamp, content }]);
}

function joinEntries(a: MultiValueEntry, b: MultiValueEntry): MultiValueEntry {
  if (a.stamp !== b.stamp) return a.stamp > b.stamp ? a : b;
  if (a.content === undefined || b.content === undefined) return a.content === undefined ? a : b;
  return compareContents(a.content, b.content) >= 0 ? a : b;
}
