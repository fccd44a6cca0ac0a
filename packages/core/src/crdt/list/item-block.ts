/**
 * One cell of items: what the list holds in the elements of one actor with counters from 64 * `index`, wherever they
 * stand in the order.
 *
 * An item is a value, a last-writer register, and its location, a last-writer register too: the position that the
 * latest move gave it, absent while it is where it was inserted. A move's position belongs to the mover, so stamp and
 * actor of a location are those of its move. Absent < (value, location) < deleted, which drops both.
 *
 *   dictionary   count (varint) | 16 bytes each: the actors named below other than the owner, ascending, each used
 *   items        count (varint, 1 to 64), ascending by slot:
 *     header     (slots left out since the last one) << 4 | 1 deleted | 2 value | 4 location
 *                | 8 the value's stamp and actor are those of the value before it
 *     [2]        unless 8: stamp (varint) | actor (varint, 0 the owner, n the nth of the dictionary);   then content
 *     [4]        stamp (varint) | actor (varint) | counter (varint)
 *
 * Refuses: a second form of the same items, the slot of counter 0, stamps and counters outside their range.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  bytesEqual,
  compareBytes,
  Reader,
  STAMP_MAX,
  type Stamp,
  Writer,
} from "../../base/index.ts";
import type { LastWriterCell } from "../cells/last-writer.ts";
import { readContent, writeContent } from "../content.ts";
import type { Intern } from "../origin.ts";
import { COUNTER_MAX } from "../text/limits.ts";
import { BLOCK_ITEMS, LIST_ACTORS_MAX } from "./limits.ts";

/** The position that a move gave to an element: its id is (actor, counter). */
export interface Location {
  readonly stamp: Stamp;
  readonly actor: ActorId;
  readonly counter: number;
}

/** By slot, which is the counter modulo 64. */
export interface ItemBlock {
  readonly actor: ActorId;
  readonly index: number;
  readonly values: (LastWriterCell | undefined)[];
  readonly locations: (Location | undefined)[];
  readonly deleted: boolean[];
  isDirty: boolean;
}

const DELETED = 1;
const VALUE = 2;
const LOCATION = 4;
const SAME_WRITER = 8;
const FLAGS = 16;
const BYTES_PER_ITEM_MIN = 1;

const scratch = new Writer();

export function createItemBlock(actor: ActorId, index: number): ItemBlock {
  return { actor, index, values: [], locations: [], deleted: [], isDirty: false };
}

export function encodeItemBlock(block: ItemBlock): Uint8Array {
  scratch.reset();
  const dictionary = dictionaryOf(block);
  scratch.varint(dictionary.length);
  for (const actor of dictionary) scratch.raw(actor);
  const slots: number[] = [];
  for (let slot = 0; slot < BLOCK_ITEMS; slot++) if (flagsOf(block, slot) !== 0) slots.push(slot);
  scratch.varint(slots.length);
  let end = 0;
  let last: LastWriterCell | undefined;
  for (const slot of slots) {
    const value = block.values[slot];
    const location = block.locations[slot];
    const isSame = value !== undefined && last !== undefined && hasSameWriter(value, last);
    scratch.varint((slot - end) * FLAGS + flagsOf(block, slot) + (isSame ? SAME_WRITER : 0));
    if (value !== undefined && !isSame) scratch.varint(value.stamp).varint(numberOf(block, dictionary, value.actor));
    if (value !== undefined) writeContent(scratch, value.content);
    if (location !== undefined) {
      scratch
        .varint(location.stamp)
        .varint(numberOf(block, dictionary, location.actor))
        .varint(location.counter);
    }
    last = value ?? last;
    end = slot + 1;
  }
  return scratch.toBytes();
}

/** Undefined when the bytes are not the canonical form of a block. */
export function decodeItemBlock(
  bytes: Uint8Array,
  actor: ActorId,
  index: number,
  intern: Intern,
): ItemBlock | undefined {
  const block = createItemBlock(actor, index);
  const reader = new Reader(bytes);
  const actors = [actor, ...readDictionary(reader, actor, intern)];
  const used = new Set<ActorId>([actor]);
  const readActor = (): ActorId => {
    const named = actors[reader.varint()];
    if (named === undefined) reader.fail();
    else used.add(named);
    return named ?? actor;
  };
  const count = reader.count(BLOCK_ITEMS, BYTES_PER_ITEM_MIN);
  if (count === 0) reader.fail();
  let end = index === 0 ? 1 : 0;
  let base = 0;
  let last: LastWriterCell | undefined;
  for (let i = 0; i < count && !reader.failed; i++) {
    const header = reader.varint();
    const slot = base + Math.floor(header / FLAGS);
    if (slot < end || slot >= BLOCK_ITEMS) reader.fail();
    else last = readItem(reader, block, slot, header % FLAGS, last, readActor, intern);
    base = slot + 1;
    end = base;
  }
  return reader.finish() && used.size === actors.length ? block : undefined;
}

/** Reads one item; gives the value read last. */
function readItem(
  reader: Reader,
  block: ItemBlock,
  slot: number,
  flags: number,
  last: LastWriterCell | undefined,
  readActor: () => ActorId,
  intern: Intern,
): LastWriterCell | undefined {
  if (flags === DELETED) {
    block.deleted[slot] = true;
    return last;
  }
  if ((flags & DELETED) !== 0 || (flags & (VALUE | LOCATION)) === 0) reader.fail();
  if ((flags & SAME_WRITER) !== 0 && ((flags & VALUE) === 0 || last === undefined)) reader.fail();
  let value: LastWriterCell | undefined;
  if ((flags & VALUE) !== 0) {
    const writer =
      (flags & SAME_WRITER) !== 0 && last !== undefined ? last : { stamp: readStamp(reader), actor: readActor() };
    if ((flags & SAME_WRITER) === 0 && last !== undefined && hasSameWriter(writer, last)) reader.fail();
    value = { content: readContent(reader, intern), stamp: writer.stamp, actor: writer.actor };
    block.values[slot] = value;
  }
  if ((flags & LOCATION) !== 0) {
    const location = { stamp: readStamp(reader), actor: readActor(), counter: reader.varint() };
    if (location.counter < 1 || location.counter > COUNTER_MAX) reader.fail();
    block.locations[slot] = location;
  }
  return value ?? last;
}

function readStamp(reader: Reader): Stamp {
  const stamp = reader.varint();
  if (stamp < 1 || stamp > STAMP_MAX) reader.fail();
  return stamp as Stamp;
}

function readDictionary(reader: Reader, owner: ActorId, intern: Intern): ActorId[] {
  const count = reader.count(LIST_ACTORS_MAX, ACTOR_BYTES);
  const dictionary: ActorId[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = reader.raw(ACTOR_BYTES);
    const previous = dictionary.at(-1);
    const isAscending = previous === undefined || compareBytes(previous, bytes) < 0;
    if (!isAscending || bytesEqual(bytes, owner)) reader.fail();
    if (reader.failed) return [];
    dictionary.push(intern(bytes));
  }
  return dictionary;
}

function flagsOf(block: ItemBlock, slot: number): number {
  if (block.deleted[slot] === true) return DELETED;
  return (block.values[slot] === undefined ? 0 : VALUE) | (block.locations[slot] === undefined ? 0 : LOCATION);
}

function hasSameWriter(a: Pick<LastWriterCell, "stamp" | "actor">, b: LastWriterCell): boolean {
  return a.stamp === b.stamp && bytesEqual(a.actor, b.actor);
}

/** The actors other than the owner that a block names, ascending. */
function dictionaryOf(block: ItemBlock): ActorId[] {
  const actors: ActorId[] = [];
  for (const named of [...block.values, ...block.locations]) {
    if (named === undefined || bytesEqual(named.actor, block.actor)) continue;
    if (!actors.some((actor) => bytesEqual(actor, named.actor))) actors.push(named.actor);
  }
  return actors.sort(compareBytes);
}

function numberOf(block: ItemBlock, dictionary: readonly ActorId[], actor: ActorId): number {
  if (bytesEqual(actor, block.actor)) return 0;
  return dictionary.findIndex((known) => bytesEqual(known, actor)) + 1;
}
