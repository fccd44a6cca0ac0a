/**
 * Set element: per actor `added`, the stamp of its latest delta that added the element, and `removed`, the greatest
 * `added` that a remover has seen; the larger of each wins. The element is in the set when any `added` exceeds its
 * `removed`: an add that a remover has not seen survives it. An observed-remove set without tombstones per tag.
 *
 *   count (varint, above 0) | count times: actor (16, ascending) | added (varint) | removed (varint)
 *
 * The entry key is the canonical encoding of the element. Refused: an entry of two zeros, actors out of order.
 */
import {
  type ActorId,
  assert,
  idKey,
  idKeyToBytes,
  type Reader,
  STAMP_MAX,
  type Stamp,
  type Writer,
} from "../../base/index.ts";
import { ENTRY_KEY_BYTES_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import { type Stored, storedToBytes, writeStored } from "../stored.ts";
import { decodeValue, type Value } from "../value.ts";
import { compareActors, joinByActor, readByActor } from "./by-actor.ts";

export interface SetEntry {
  readonly actor: ActorId;
  readonly added: Stamp;
  readonly removed: Stamp;
}

/** Ascending by actor. */
export type SetElementCell = readonly SetEntry[];

/** Beside the actor. */
const BYTES_PER_ENTRY_MIN = 2;
const TEXT_PREFIX = "s";
const BYTES_PREFIX = "b";

export const empty: SetElementCell = [];

export function join(a: SetElementCell, b: SetElementCell): SetElementCell {
  return joinByActor(a, b, joinEntries);
}

export function encode(writer: Writer, cell: SetElementCell): void {
  writer.varint(cell.length);
  for (const entry of cell) writer.raw(entry.actor).varint(entry.added).varint(entry.removed);
}

export function decode(reader: Reader, intern: Intern): SetElementCell {
  const cell = readByActor(reader, intern, BYTES_PER_ENTRY_MIN, readEntry);
  if (cell.length === 0) reader.fail();
  return cell;
}

export function isLive(cell: SetElementCell): boolean {
  for (const entry of cell) if (entry.added > entry.removed) return true;
  return false;
}

export function writeKey(writer: Writer, key: string): void {
  if (key.startsWith(TEXT_PREFIX)) writeStored(writer, key.slice(1));
  else writer.raw(idKeyToBytes(key.slice(1)));
}

export function bytesToKey(bytes: Uint8Array): string | undefined {
  if (bytes.length > ENTRY_KEY_BYTES_MAX) return undefined;
  const value = decodeValue(bytes);
  if (value === undefined) return undefined;
  return typeof value === "string" ? TEXT_PREFIX + value : BYTES_PREFIX + idKey(bytes);
}

/** The key in memory of an element: text as it is, anything else through its canonical bytes. */
export function elementToKey(element: Stored): string {
  return typeof element === "string" ? TEXT_PREFIX + element : BYTES_PREFIX + idKey(storedToBytes(element));
}

export function keyToElement(key: string): Value {
  if (key.startsWith(TEXT_PREFIX)) return key.slice(1);
  const value = decodeValue(idKeyToBytes(key.slice(1)));
  assert(value !== undefined, "a key was made from an element");
  return value;
}

/** An entry that says only what one delta did. */
export function createSetEntry(actor: ActorId, added: number, removed: number): SetEntry {
  return { actor, added: added as Stamp, removed: removed as Stamp };
}

/** An actor's entry; zeros when it has none. */
export function entryOf(cell: SetElementCell, actor: ActorId): SetEntry {
  for (const entry of cell) if (compareActors(entry.actor, actor) === 0) return entry;
  return createSetEntry(actor, 0, 0);
}

function readEntry(reader: Reader, actor: ActorId): SetEntry {
  const added = reader.varint();
  const removed = reader.varint();
  if (added > STAMP_MAX || removed > STAMP_MAX || added + removed === 0) reader.fail();
  return createSetEntry(actor, added, removed);
}

function joinEntries(a: SetEntry, b: SetEntry): SetEntry {
  if (a.added >= b.added && a.removed >= b.removed) return a;
  if (b.added >= a.added && b.removed >= a.removed) return b;
  return createSetEntry(a.actor, Math.max(a.added, b.added), Math.max(a.removed, b.removed));
}
