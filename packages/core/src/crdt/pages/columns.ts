/**
 * The columns of which pages are made, each with one encoding for one list of values.
 *
 *   texts    length of the UTF-8 of all (varint) | count times: length in UTF-16 units (varint) | the UTF-8 of all
 *   stamps   the least (varint) | spread (u8): 0 when all are equal, else 1 and count times: what it exceeds it by (varint)
 *   actors   number of distinct ones (varint, above 0) | each (16), in order of first use
 *            | when more than one, count times: which (varint)
 *
 * One native call decodes all the texts of a column; a length that cuts a character in two is refused.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  idKey,
  idKeyToBytes,
  type Reader,
  STAMP_MAX,
  type Writer,
} from "../../base/index.ts";
import type { Intern } from "../origin.ts";

export function readTexts(reader: Reader, count: number, unitsMax: number): string[] {
  const byteLength = reader.count(reader.remaining);
  const ends = new Uint32Array(count);
  let end = 0;
  for (let i = 0; i < count && !reader.failed; i++) {
    const length = reader.varint();
    if (length > unitsMax) reader.fail();
    end += length;
    ends[i] = end;
  }
  const all = reader.utf8(byteLength);
  if (reader.failed || all.length !== end) {
    reader.fail();
    return [];
  }
  return slice(reader, all, ends, all.length !== byteLength);
}

export function writeStamps(writer: Writer, stamps: Float64Array): void {
  let least = stamps[0] as number;
  let greatest = least;
  for (const stamp of stamps) {
    if (stamp < least) least = stamp;
    if (stamp > greatest) greatest = stamp;
  }
  const isSpread = least !== greatest;
  writer.varint(least).u8(isSpread ? 1 : 0);
  if (isSpread) for (const stamp of stamps) writer.varint(stamp - least);
}

export function readStamps(reader: Reader, count: number): Float64Array {
  const least = reader.varint();
  const spread = reader.u8();
  if (spread > 1 || least > STAMP_MAX) reader.fail();
  const stamps = new Float64Array(count);
  if (spread === 0) return stamps.fill(least);
  let smallest = STAMP_MAX as number;
  let greatest = 0;
  for (let i = 0; i < count && !reader.failed; i++) {
    const above = reader.varint();
    if (above < smallest) smallest = above;
    if (above > greatest) greatest = above;
    stamps[i] = least + above;
  }
  if (smallest !== 0 || greatest === 0 || least + greatest > STAMP_MAX) reader.fail();
  return stamps;
}

/** A column of numbers, for which `actors` has the actors: some may be there twice. */
export function writeActors(writer: Writer, column: Uint32Array, actors: readonly ActorId[]): void {
  const placeByKey = new Map<string, number>();
  const placeByNumber = new Map<number, number>();
  let last = -1;
  for (const number of column) {
    if (number === last) continue;
    last = number;
    if (placeByNumber.has(number)) continue;
    const key = idKey(actors[number] as ActorId);
    const place = placeByKey.get(key) ?? placeByKey.size;
    placeByKey.set(key, place);
    placeByNumber.set(number, place);
  }
  writer.varint(placeByKey.size);
  for (const key of placeByKey.keys()) writer.raw(idKeyToBytes(key));
  if (placeByKey.size === 1) return;
  for (const number of column) writer.varint(placeByNumber.get(number) as number);
}

export function readActors(reader: Reader, count: number, intern: Intern): ActorId[] {
  const distinct = reader.count(count, ACTOR_BYTES);
  if (distinct === 0) reader.fail();
  const actors: ActorId[] = [];
  const keys = new Set<string>();
  for (let i = 0; i < distinct && !reader.failed; i++) {
    const bytes = reader.raw(ACTOR_BYTES);
    keys.add(idKey(bytes));
    actors.push(intern(bytes));
  }
  if (keys.size !== distinct) reader.fail();
  const column = new Array<ActorId>(count).fill(actors[0] as ActorId);
  let seen = 0;
  for (let i = 0; distinct > 1 && i < count && !reader.failed; i++) {
    const number = reader.varint();
    if (number > seen || number >= distinct) reader.fail();
    else if (number === seen) seen++;
    column[i] = actors[number] as ActorId;
  }
  if (distinct > 1 && seen !== distinct) reader.fail();
  return column;
}

function slice(reader: Reader, all: string, ends: Uint32Array, hasWide: boolean): string[] {
  const texts = new Array<string>(ends.length);
  let start = 0;
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i] as number;
    if (hasWide && isLowSurrogate(all.charCodeAt(end))) reader.fail();
    texts[i] = all.slice(start, end);
    start = end;
  }
  return texts;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
