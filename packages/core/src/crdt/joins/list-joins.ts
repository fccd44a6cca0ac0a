/**
 * Joins of a list, in five parts; the stamp and the actor of every value and location are the delta's.
 *
 *   dictionary   count (varint) | 16 bytes each: the actors named below other than the delta's, ascending
 *   positions    length (varint, 0 for none) | a join of the sequence that orders them
 *   births       count (varint) | count times: run of the delta's actor | a content for each element of the run
 *   moves        count (varint) | count times: gap to the new position (varint) | actor (varint) | counter (varint)
 *   sets         count (varint) | count times: actor (varint) | counter (varint) | content
 *   deletes      count (varint) | count times: actor (varint) | run
 *
 *   run          start (varint; for births the gap from the end of the last one) | length - 1 (varint)
 *
 * Actor 0 is the delta's, n the nth of the dictionary. Refused: positions that are inserted and claimed by no birth or
 * move, or the other way round; counters outside their range; births and moves that do not ascend; an empty join.
 */
import { ACTOR_BYTES, type ActorId, bytesEqual, compareBytes, type Reader, type Writer } from "../../base/index.ts";
import { type Content, readContent, writeContent } from "../content.ts";
import { JOINS_BYTES_MAX, JOINS_MAX } from "../limits.ts";
import { areClaimed } from "../list/claims.ts";
import { LIST_ACTORS_MAX } from "../list/limits.ts";
import type { Intern } from "../origin.ts";
import { COUNTER_MAX } from "../text/limits.ts";

/** An element; of the delta's own actor when none is named. */
export interface Target {
  readonly actor: ActorId | undefined;
  readonly counter: number;
}

export interface Birth {
  readonly counter: number;
  readonly content: Content;
}

/** The new position is the delta's own actor's. */
export interface Move {
  readonly counter: number;
  readonly target: Target;
}

export interface ListSet {
  readonly target: Target;
  readonly content: Content;
}

/** Elements with consecutive counters. */
export interface Deletion {
  readonly target: Target;
  readonly length: number;
}

export interface ListJoins {
  /** Empty when no position is new. */
  readonly positions: Uint8Array;
  /** Ascending, as moves are. */
  readonly births: readonly Birth[];
  readonly moves: readonly Move[];
  readonly sets: readonly ListSet[];
  readonly deletes: readonly Deletion[];
}

type ReadActor = () => ActorId | undefined;

export function write(writer: Writer, joins: ListJoins): void {
  const dictionary = dictionaryOf(joins);
  const writeActor = ({ actor }: Target): void => {
    writer.varint(actor === undefined ? 0 : dictionary.findIndex((known) => bytesEqual(known, actor)) + 1);
  };
  writer.varint(dictionary.length);
  for (const actor of dictionary) writer.raw(actor);
  writer.bytes(joins.positions);
  writeBirths(writer, joins.births);
  writer.varint(joins.moves.length);
  let last = 0;
  for (const { counter, target } of joins.moves) {
    writer.varint(counter - last);
    writeActor(target);
    writer.varint(target.counter);
    last = counter;
  }
  writer.varint(joins.sets.length);
  for (const { target, content } of joins.sets) {
    writeActor(target);
    writer.varint(target.counter);
    writeContent(writer, content);
  }
  writer.varint(joins.deletes.length);
  for (const { target, length } of joins.deletes) {
    writeActor(target);
    writer.varint(target.counter).varint(length - 1);
  }
}

export function read(reader: Reader, intern: Intern, budget: { joins: number }): ListJoins {
  const dictionary = readDictionary(reader, intern);
  const used = new Set<ActorId>();
  const readActor: ReadActor = () => {
    const number = reader.varint();
    const actor = dictionary[number - 1];
    if (number > dictionary.length) reader.fail();
    if (actor !== undefined) used.add(actor);
    return actor;
  };
  const count = (bytesEach: number): number => {
    const items = reader.count(JOINS_MAX - budget.joins, bytesEach);
    budget.joins += items;
    return items;
  };
  const positions = reader.bytes(JOINS_BYTES_MAX).slice();
  const births = readBirths(reader, intern, budget);
  const moves: Move[] = [];
  let last = 0;
  for (let rest = count(3); rest > 0 && !reader.failed; rest--) {
    const gap = reader.varint();
    if (gap < 1) reader.fail();
    moves.push({ counter: last + gap, target: readTarget(reader, readActor) });
    last += gap;
  }
  const sets: ListSet[] = [];
  for (let rest = count(3); rest > 0 && !reader.failed; rest--) {
    sets.push({ target: readTarget(reader, readActor), content: readContent(reader, intern) });
  }
  const deletes: Deletion[] = [];
  for (let rest = count(3); rest > 0 && !reader.failed; rest--) {
    deletes.push(readDeletion(reader, readActor, budget));
  }
  const joins = { positions, births, moves, sets, deletes };
  const isEmpty = births.length + moves.length + sets.length + deletes.length === 0;
  if (isEmpty || used.size !== dictionary.length || !hasClaims(joins)) reader.fail();
  return joins;
}

function writeBirths(writer: Writer, births: readonly Birth[]): void {
  const starts: number[] = [];
  for (let i = 0; i < births.length; i++) {
    if (births[i]?.counter !== (births[i - 1]?.counter ?? -1) + 1) starts.push(i);
  }
  writer.varint(starts.length);
  let end = 0;
  for (const [i, start] of starts.entries()) {
    const run = births.slice(start, starts[i + 1]);
    const counter = run[0]?.counter ?? 0;
    writer.varint(counter - end).varint(run.length - 1);
    for (const { content } of run) writeContent(writer, content);
    end = counter + run.length;
  }
}

function readBirths(reader: Reader, intern: Intern, budget: { joins: number }): Birth[] {
  const births: Birth[] = [];
  let end = 0;
  for (let rest = reader.count(JOINS_MAX - budget.joins, 3); rest > 0 && !reader.failed; rest--) {
    const gap = reader.varint();
    if (gap < 1) reader.fail();
    const length = reader.count(JOINS_MAX - budget.joins - 1) + 1;
    budget.joins += length;
    for (let i = 0; i < length && !reader.failed; i++) {
      births.push({ counter: end + gap + i, content: readContent(reader, intern) });
    }
    end += gap + length;
  }
  return births;
}

function readTarget(reader: Reader, readActor: ReadActor): Target {
  const actor = readActor();
  const counter = reader.varint();
  if (counter < 1 || counter > COUNTER_MAX) reader.fail();
  return { actor, counter };
}

function readDeletion(reader: Reader, readActor: ReadActor, budget: { joins: number }): Deletion {
  const target = readTarget(reader, readActor);
  const length = reader.varint() + 1;
  budget.joins += length;
  if (target.counter + length > COUNTER_MAX + 1 || budget.joins > JOINS_MAX) reader.fail();
  return { target, length };
}

function readDictionary(reader: Reader, intern: Intern): ActorId[] {
  const count = reader.count(LIST_ACTORS_MAX, ACTOR_BYTES);
  const dictionary: ActorId[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = reader.raw(ACTOR_BYTES);
    const previous = dictionary.at(-1);
    if (previous !== undefined && compareBytes(previous, bytes) >= 0) reader.fail();
    if (reader.failed) return [];
    dictionary.push(intern(bytes));
  }
  return dictionary;
}

function hasClaims({ positions, births, moves }: ListJoins): boolean {
  const claims = [...births, ...moves].map(({ counter }) => counter).sort((a, b) => a - b);
  return areClaimed(positions, claims);
}

/** The actors that targets name, ascending. */
function dictionaryOf({ moves, sets, deletes }: ListJoins): ActorId[] {
  const actors: ActorId[] = [];
  for (const { target } of [...moves, ...sets, ...deletes]) {
    const { actor } = target;
    if (actor === undefined || actors.some((known) => bytesEqual(known, actor))) continue;
    actors.push(actor);
  }
  return actors.sort(compareBytes);
}
