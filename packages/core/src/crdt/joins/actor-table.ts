/**
 * Actors in one list of joins, each named in full once and by its number after that:
 *
 *   actor       index (varint) | actor (16, when the index is new)
 *   seen        count (varint) | count times: actor | stamp (varint, above 0)      ascending by actor
 *
 * Numbered by first use. Refused: an index ahead of its turn, an actor named in full twice, actors out of order.
 */
import { ACTOR_BYTES, type ActorId, idKey, type Reader, STAMP_MAX, type Stamp, type Writer } from "../../base/index.ts";
import { compareActors, type Seen } from "../cells/by-actor.ts";
import { JOINS_MAX, SET_ACTORS_MAX } from "../limits.ts";
import { type Intern, ZERO_ACTOR } from "../origin.ts";

export interface ActorTable {
  readonly indexByKey: Map<string, number>;
  readonly actors: ActorId[];
}

const BYTES_PER_SEEN_MIN = 2;

export function createActorTable(): ActorTable {
  return { indexByKey: new Map(), actors: [] };
}

export function writeActor(writer: Writer, table: ActorTable, actor: ActorId): void {
  const key = idKey(actor);
  const index = table.indexByKey.get(key);
  writer.varint(index ?? table.actors.length);
  if (index !== undefined) return;
  table.indexByKey.set(key, table.actors.length);
  table.actors.push(actor);
  writer.raw(actor);
}

export function readActor(reader: Reader, table: ActorTable, intern: Intern): ActorId {
  const index = reader.varint();
  const known = table.actors[index];
  if (known !== undefined) return known;
  const bytes = reader.raw(ACTOR_BYTES);
  if (reader.failed) return ZERO_ACTOR;
  const key = idKey(bytes);
  if (index !== table.actors.length || table.indexByKey.has(key)) reader.fail();
  const actor = intern(bytes);
  table.indexByKey.set(key, table.actors.length);
  table.actors.push(actor);
  return actor;
}

export function writeSeen(writer: Writer, table: ActorTable, seen: readonly Seen[]): void {
  writer.varint(seen.length);
  for (const { actor, stamp } of seen) {
    writeActor(writer, table, actor);
    writer.varint(stamp);
  }
}

export function readSeen(reader: Reader, table: ActorTable, intern: Intern, budget: { joins: number }): Seen[] {
  const count = reader.count(Math.min(SET_ACTORS_MAX, JOINS_MAX - budget.joins), BYTES_PER_SEEN_MIN);
  budget.joins += count;
  const seen: Seen[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const actor = readActor(reader, table, intern);
    const stamp = reader.varint();
    const previous = seen.at(-1);
    if (previous !== undefined && compareActors(previous.actor, actor) >= 0) reader.fail();
    if (stamp === 0 || stamp > STAMP_MAX) reader.fail();
    seen.push({ actor, stamp: stamp as Stamp });
  }
  return seen;
}
