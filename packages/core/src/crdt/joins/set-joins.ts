/**
 * Joins of a set:   count (varint, above 0) | count times: element (value) | seen count (varint) | the adds seen
 *   add seen        actor (`actor-table.ts`) | stamp of the add (varint, above 0)
 *
 * Seen count 0 means that the delta's own actor adds the element, under the delta's stamp; above 0, that it removes
 * what the adds seen have put there. Within an element actors ascend.
 * Whether a seen add is above the delta's own stamp, and so void, only the applier can tell.
 */
import { compareBytes, type Reader, STAMP_MAX, type Writer } from "../../base/index.ts";
import { createSetEntry, type SetEntry } from "../cells/set-element.ts";
import { ENTRY_KEY_BYTES_MAX, JOINS_MAX, SET_ACTORS_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import { readStored, type Stored, writeStored } from "../stored.ts";
import { type ActorTable, createActorTable, readActor, writeActor } from "./actor-table.ts";

export interface SetJoin {
  readonly element: Stored;
  /** Entries that have only `removed`; none for an add. */
  readonly removals: readonly SetEntry[];
}

export type SetJoins = readonly SetJoin[];

const BYTES_PER_JOIN_MIN = 2;
const BYTES_PER_SEEN_MIN = 2;

export function write(writer: Writer, joins: SetJoins): void {
  const table = createActorTable();
  writer.varint(joins.length);
  for (const { element, removals } of joins) {
    writeStored(writer, element);
    writer.varint(removals.length);
    for (const { actor, removed } of removals) {
      writeActor(writer, table, actor);
      writer.varint(removed);
    }
  }
}

export function read(reader: Reader, intern: Intern, budget: { joins: number }): SetJoins {
  const count = reader.count(JOINS_MAX - budget.joins, BYTES_PER_JOIN_MIN);
  if (count === 0) reader.fail();
  budget.joins += count;
  const joins: SetJoin[] = [];
  const table = createActorTable();
  for (let i = 0; i < count && !reader.failed; i++) {
    const start = reader.at;
    const element = readStored(reader);
    if (reader.at - start > ENTRY_KEY_BYTES_MAX) reader.fail();
    joins.push({ element, removals: readRemovals(reader, intern, table, budget) });
  }
  return joins;
}

function readRemovals(reader: Reader, intern: Intern, table: ActorTable, budget: { joins: number }): SetEntry[] {
  const count = reader.count(Math.min(SET_ACTORS_MAX, JOINS_MAX - budget.joins), BYTES_PER_SEEN_MIN);
  budget.joins += count;
  const removals: SetEntry[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const actor = readActor(reader, table, intern);
    const removed = reader.varint();
    const previous = removals.at(-1);
    if (previous !== undefined && compareBytes(previous.actor, actor) >= 0) reader.fail();
    if (removed === 0 || removed > STAMP_MAX) reader.fail();
    removals.push(createSetEntry(actor, 0, removed));
  }
  return removals;
}
