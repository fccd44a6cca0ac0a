/**
 * Bytes of blocks and joins: one run form, canonical and uncompressed (a block's bytes are what the root hash covers).
 *
 *   u8      1 dictionary | 2 runs | 4 deleted | 8 deleted of others (joins only)
 *   [1]     varint count, 16 bytes each: the other actors named below, ascending, each of them used
 *   [2]     varint count; per run: varint (length - 1) << 4 | gap << 3 | kind,
 *             [gap] varint distance from the end of the last run, at least 1,
 *             [kind > 0] varint distance down to the origin's counter, at least 1,
 *             [kind > 2] varint actor in the dictionary
 *   [4]     varint count; per range: varint gap from the end of the last one, varint length - 1
 *   then    per element that is not deleted: varint UTF-16 unit (any unit, so half a surrogate pair too)
 *   [8]     varint count; per range: varint actor, varint gap (from 0 for a new actor), varint length - 1
 *
 *   kind    0 right of the element before; 1, 2 right, left of the owner's (1 down to counter 0: the start of the
 *           text); 3, 4 right, left of another actor's
 *
 * Refuses: any second form of the same elements, a counter outside the block or above the limit, an origin whose
 * counter is not lower than the element's (it cannot be written), nothing at all.
 */
import { ACTOR_BYTES, compareBytes, EMPTY_BYTES, Reader, Writer } from "../../base/index.ts";
import {
  type Fragment,
  OWNER,
  RUN_STRIDE,
  runLength,
  runOriginActor,
  runOriginCounter,
  runSide,
  runStart,
} from "./fragment.ts";
import { ACTORS_MAX, BLOCK_UNITS, COUNTER_MAX, JOIN_DELETED_MAX, JOIN_INSERTED_MAX } from "./limits.ts";
import { NO_ACTOR } from "./pieces.ts";

const HAS_DICTIONARY = 1;
const HAS_RUNS = 2;
const HAS_DELETED = 4;
const HAS_FOREIGN = 8;
/** Of a run's header. */
const KIND = 7;
const GAP = 8;
const KIND_SHIFT = 4;
const HEADER_END = JOIN_INSERTED_MAX << KIND_SHIFT;
const CONTINUES = 0;
const OWN_RIGHT = 1;
const OWN_LEFT = 2;
const OTHER_RIGHT = 3;
const OTHER_LEFT = 4;

const shared = new Writer();
/** One for all: a history brings hundreds of thousands of joins. It holds the last one's bytes until the next. */
const sharedReader = new Reader(EMPTY_BYTES);

/** The bytes of a fragment whose dictionary is sorted; for a block, `base` is its first counter. */
export function encodeFragment(fragment: Fragment, base: number): Uint8Array {
  shared.reset();
  writeFragment(shared, fragment, base);
  return shared.toBytes();
}

/** Appends them to what a writer holds. */
export function writeFragment(writer: Writer, fragment: Fragment, base: number): void {
  writer.u8(
    (fragment.dictionary.length > 0 ? HAS_DICTIONARY : 0) |
      (fragment.runCount > 0 ? HAS_RUNS : 0) |
      (fragment.deletedCount > 0 ? HAS_DELETED : 0) |
      (fragment.foreign.length > 0 ? HAS_FOREIGN : 0),
  );
  if (fragment.dictionary.length > 0) {
    writer.varint(fragment.dictionary.length);
    for (const actor of fragment.dictionary) writer.raw(actor);
  }
  if (fragment.runCount > 0) writeRuns(writer, fragment, Math.max(base, 1));
  if (fragment.deletedCount > 0) writeDeleted(writer, fragment, Math.max(base, 1));
  for (let i = 0; i < fragment.contentCount; i++) writer.varint(fragment.content[i] as number);
  if (fragment.foreign.length > 0) writeForeign(writer, fragment.foreign);
}

/** Reads a join into `into`; false when refused. */
export function decodeJoin(bytes: Uint8Array, into: Fragment): boolean {
  return decodeFragment(bytes, into, 0, COUNTER_MAX + 1, HAS_DICTIONARY | HAS_RUNS | HAS_DELETED | HAS_FOREIGN);
}

/** Reads block `index` into `into`; false when refused. */
export function decodeBlock(bytes: Uint8Array, index: number, into: Fragment): boolean {
  const base = index * BLOCK_UNITS;
  if (!Number.isSafeInteger(index) || index < 0 || base > COUNTER_MAX) return false;
  return decodeFragment(bytes, into, base, base + BLOCK_UNITS, HAS_DICTIONARY | HAS_RUNS | HAS_DELETED);
}

function decodeFragment(bytes: Uint8Array, into: Fragment, base: number, end: number, allowed: number): boolean {
  into.reset();
  const reader = sharedReader;
  reader.reset(bytes);
  const flags = reader.u8();
  if ((flags & ~allowed) !== 0 || (flags & ~HAS_DICTIONARY) === 0) return false;
  if (flags & HAS_DICTIONARY) readDictionary(reader, into);
  const first = Math.max(base, 1);
  const inserted = flags & HAS_RUNS ? readRuns(reader, into, first, end) : 0;
  const removed = flags & HAS_DELETED ? readDeleted(reader, into, first, end) : 0;
  if (inserted > JOIN_INSERTED_MAX || removed > JOIN_DELETED_MAX) return false;
  const covered = inserted > 0 && removed > 0 && !reader.failed ? countDeletedInRuns(into) : 0;
  if (!reader.failed) readContent(reader, into, inserted - covered);
  into.ghostUnits = removed - covered;
  if (flags & HAS_FOREIGN) readForeign(reader, into, JOIN_DELETED_MAX - removed);
  return reader.finish() && usesDictionary(into);
}

function writeRuns(writer: Writer, fragment: Fragment, first: number): void {
  writer.varint(fragment.runCount);
  let end = first;
  for (let at = 0; at < fragment.runCount * RUN_STRIDE; at += RUN_STRIDE) {
    const start = runStart(fragment, at);
    const length = runLength(fragment, at);
    const originActor = runOriginActor(fragment, at);
    const distance = start - runOriginCounter(fragment, at);
    const isOwn = originActor <= OWNER;
    const continues = distance === 1 && originActor === OWNER && runSide(fragment, at) === 0;
    const kind = continues ? CONTINUES : (isOwn ? OWN_RIGHT : OTHER_RIGHT) + runSide(fragment, at);
    writer.varint((length - 1) * (1 << KIND_SHIFT) + (start > end ? GAP : 0) + kind);
    if (start > end) writer.varint(start - end);
    if (!continues) writer.varint(distance);
    if (!isOwn) writer.varint(originActor - 1);
    end = start + length;
  }
}

function writeDeleted(writer: Writer, fragment: Fragment, first: number): void {
  writer.varint(fragment.deletedCount);
  let last = first;
  for (let at = 0; at < fragment.deletedCount * 2; at += 2) {
    const start = fragment.deleted[at] as number;
    const end = fragment.deleted[at + 1] as number;
    writer.varint(start - last).varint(end - start - 1);
    last = end;
  }
}

function writeForeign(writer: Writer, foreign: readonly number[]): void {
  writer.varint(foreign.length / 3);
  let actor = 0;
  let last = 0;
  for (let at = 0; at < foreign.length; at += 3) {
    if (foreign[at] !== actor) last = 0;
    actor = foreign[at] as number;
    const start = foreign[at + 1] as number;
    const end = foreign[at + 2] as number;
    writer
      .varint(actor - 1)
      .varint(start - last)
      .varint(end - start - 1);
    last = end;
  }
}

function readDictionary(reader: Reader, into: Fragment): void {
  const count = reader.count(ACTORS_MAX, ACTOR_BYTES);
  if (count === 0) reader.fail();
  for (let i = 0; i < count; i++) {
    const actor = reader.raw(ACTOR_BYTES).slice();
    const previous = into.dictionary.at(-1);
    if (previous !== undefined && compareBytes(previous, actor) >= 0) reader.fail();
    into.dictionary.push(actor);
  }
}

/** The number of elements in the runs. */
function readRuns(reader: Reader, into: Fragment, first: number, limit: number): number {
  const count = reader.count(COUNTER_MAX);
  if (count === 0) reader.fail();
  let units = 0;
  let last = first;
  for (let i = 0; i < count && !reader.failed; i++) {
    const header = reader.varint();
    if (header >= HEADER_END) reader.fail();
    const length = (header >>> KIND_SHIFT) + 1;
    const hasGap = (header & GAP) !== 0;
    const gap = hasGap ? reader.varint() : 0;
    const start = last + gap;
    if (hasGap !== gap > 0 || start + length > limit) reader.fail();
    readOrigin(reader, into, header & KIND, start, length, i === 0 || hasGap);
    units += length;
    last = start + length;
  }
  return units;
}

/** Reads a run's origin and adds the run. A run right after another never goes on with it: that is one run. */
function readOrigin(
  reader: Reader,
  into: Fragment,
  kind: number,
  start: number,
  length: number,
  mayContinue: boolean,
): void {
  if (kind > OTHER_LEFT) reader.fail();
  const distance = kind === CONTINUES ? 1 : reader.varint();
  const origin = start - distance;
  if (distance < 1 || origin < 0) reader.fail();
  if (kind === CONTINUES && (!mayContinue || origin === 0)) reader.fail();
  if (kind === OWN_RIGHT && distance === 1 && origin > 0) reader.fail();
  if (kind > OWN_RIGHT && origin === 0) reader.fail();
  let actor = origin === 0 ? NO_ACTOR : OWNER;
  if (kind >= OTHER_RIGHT) {
    actor = reader.varint() + 1;
    if (actor > into.dictionary.length) reader.fail();
  }
  if (!reader.failed) into.addRun(start, length, origin, actor, kind === OWN_LEFT || kind === OTHER_LEFT ? 1 : 0);
}

/** The number of elements in the ranges. */
function readDeleted(reader: Reader, into: Fragment, first: number, limit: number): number {
  const count = reader.count(COUNTER_MAX, 2);
  if (count === 0) reader.fail();
  let units = 0;
  let last = first;
  for (let i = 0; i < count && !reader.failed; i++) {
    const start = last + reader.varint();
    const end = start + reader.varint() + 1;
    if ((i > 0 && start === last) || end > limit) reader.fail();
    if (!reader.failed) into.addDeleted(start, end);
    units += end - start;
    last = end;
  }
  return units;
}

function readContent(reader: Reader, into: Fragment, units: number): void {
  if (units > reader.remaining) {
    reader.fail();
    return;
  }
  reader.varints16(into.reserveContent(units), 0, units);
  into.contentCount = units;
}

function readForeign(reader: Reader, into: Fragment, unitsMax: number): void {
  const count = reader.count(COUNTER_MAX, 3);
  if (count === 0) reader.fail();
  let units = 0;
  let actor = 0;
  let last = 0;
  for (let i = 0; i < count && !reader.failed; i++) {
    const next = reader.varint() + 1;
    const isSame = next === actor;
    const start = (isSame ? last : 0) + reader.varint();
    const end = start + reader.varint() + 1;
    units += end - start;
    if (next < actor || next > into.dictionary.length || start < 1 || (isSame && start === last)) reader.fail();
    if (end > COUNTER_MAX + 1 || units > unitsMax) reader.fail();
    into.foreign.push(next, start, end);
    actor = next;
    last = end;
  }
}

/** How many elements of the runs are in deleted ranges. */
function countDeletedInRuns(fragment: Fragment): number {
  let count = 0;
  let range = 0;
  for (let at = 0; at < fragment.runCount * RUN_STRIDE; at += RUN_STRIDE) {
    const start = runStart(fragment, at);
    const end = start + runLength(fragment, at);
    while (range < fragment.deletedCount && (fragment.deleted[range * 2 + 1] as number) <= start) range++;
    for (let i = range; i < fragment.deletedCount && (fragment.deleted[i * 2] as number) < end; i++) {
      count +=
        Math.min(end, fragment.deleted[i * 2 + 1] as number) - Math.max(start, fragment.deleted[i * 2] as number);
      range = i;
    }
  }
  return count;
}

function usesDictionary(fragment: Fragment): boolean {
  if (fragment.dictionary.length === 0) return true;
  const used = new Set<number>();
  for (let at = 0; at < fragment.runCount; at++) used.add(runOriginActor(fragment, at * RUN_STRIDE));
  for (let at = 0; at < fragment.foreign.length; at += 3) used.add(fragment.foreign[at] as number);
  used.delete(OWNER);
  used.delete(NO_ACTOR);
  return used.size === fragment.dictionary.length;
}
