/**
 * Stamps and actors within one cell or one list of joins: each distinct pair, and each distinct actor, is spelled out
 * where it first comes up and is a small number from then on. So a record whose fields were written together holds
 * their stamp and author once.
 *
 *   actor   number (varint), of a new one followed by its 16 bytes
 *   pair    number (varint), of a new one followed by stamp (varint) | actor
 *
 * Numbers count up in the order of first use, which makes the form canonical. Refused: a number out of turn, an actor
 * or a pair that is spelled out again.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  bytesEqual,
  idKey,
  Reader,
  STAMP_MAX,
  type Stamp,
  Writer,
} from "../../base/index.ts";
import { type Intern, ZERO_ACTOR } from "../origin.ts";

export interface Pair {
  readonly stamp: Stamp;
  readonly actor: ActorId;
}

/** Up to here a look along the table is cheaper than a map beside it. */
const SCANNED_MAX = 8;
const EMPTY_READER = new Reader(new Uint8Array(0));
const ZERO_PAIR: Pair = { stamp: 0 as Stamp, actor: ZERO_ACTOR };

/** Cleared for each cell; its array is kept, since most cells have one actor. */
class ActorNumbers {
  count = 0;
  readonly #actors: ActorId[] = [];
  #byKey: Map<string, number> | undefined;

  clear(): void {
    this.count = 0;
    this.#byKey = undefined;
    if (this.#actors.length > SCANNED_MAX) this.#actors.length = 0;
  }

  at(number: number): ActorId {
    return number < this.count ? (this.#actors[number] ?? ZERO_ACTOR) : ZERO_ACTOR;
  }

  find(actor: ActorId): number {
    if (this.count > SCANNED_MAX) {
      this.#byKey ??= new Map(this.#actors.map((known, number) => [idKey(known), number]));
      return this.#byKey.get(idKey(actor)) ?? -1;
    }
    for (let number = 0; number < this.count; number++) {
      const known = this.#actors[number] as ActorId;
      if (known === actor || bytesEqual(known, actor)) return number;
    }
    return -1;
  }

  add(actor: ActorId): number {
    this.#byKey?.set(idKey(actor), this.count);
    this.#actors[this.count] = actor;
    return this.count++;
  }
}

/** As `ActorNumbers`. */
class PairNumbers {
  count = 0;
  readonly #stamps: number[] = [];
  readonly #actors: number[] = [];
  #byKey: Map<string, number> | undefined;

  clear(): void {
    this.count = 0;
    this.#byKey = undefined;
    if (this.#stamps.length <= SCANNED_MAX) return;
    this.#stamps.length = 0;
    this.#actors.length = 0;
  }

  find(stamp: number, actor: number): number {
    if (this.count > SCANNED_MAX) {
      this.#byKey ??= new Map(this.#stamps.map((known, number) => [`${known} ${this.#actors[number]}`, number]));
      return this.#byKey.get(`${stamp} ${actor}`) ?? -1;
    }
    for (let i = this.count - 1; i >= 0; i--) if (this.#stamps[i] === stamp && this.#actors[i] === actor) return i;
    return -1;
  }

  add(stamp: number, actor: number): void {
    this.#byKey?.set(`${stamp} ${actor}`, this.count);
    this.#stamps[this.count] = stamp;
    this.#actors[this.count++] = actor;
  }
}

export class PairWriter {
  writer: Writer = new Writer(0);
  readonly #actors = new ActorNumbers();
  readonly #pairs = new PairNumbers();
  /** The pair written last: neighbours mostly share it. */
  #lastStamp = -1;
  #lastActor: ActorId = ZERO_ACTOR;
  #lastNumber = 0;

  /** Begins a cell or a list of joins in `writer`. */
  begin(writer: Writer): this {
    this.writer = writer;
    this.#actors.clear();
    this.#pairs.clear();
    this.#lastStamp = -1;
    return this;
  }

  actor(actor: ActorId): void {
    this.#number(actor);
  }

  pair(stamp: Stamp, actor: ActorId): void {
    if (stamp === this.#lastStamp && actor === this.#lastActor) {
      this.writer.varint(this.#lastNumber);
      return;
    }
    const known = this.#actors.find(actor);
    const number = known < 0 ? -1 : this.#pairs.find(stamp, known);
    this.#lastStamp = stamp;
    this.#lastActor = actor;
    this.#lastNumber = number < 0 ? this.#pairs.count : number;
    this.writer.varint(this.#lastNumber);
    if (number >= 0) return;
    this.writer.varint(stamp);
    this.#pairs.add(stamp, this.#number(actor));
  }

  #number(actor: ActorId): number {
    const known = this.#actors.find(actor);
    const number = known < 0 ? this.#actors.add(actor) : known;
    this.writer.varint(number);
    if (known < 0) this.writer.raw(actor);
    return number;
  }
}

export class PairReader {
  reader: Reader = EMPTY_READER;
  intern: Intern = () => ZERO_ACTOR;
  readonly #actors = new ActorNumbers();
  readonly #numbers = new PairNumbers();
  readonly #pairs: Pair[] = [];
  /** Kept from cell to cell: those that were written together share it. */
  #last: Pair = ZERO_PAIR;

  begin(reader: Reader, intern: Intern): this {
    this.reader = reader;
    this.intern = intern;
    this.#actors.clear();
    this.#numbers.clear();
    this.#pairs.length = 0;
    return this;
  }

  actor(): ActorId {
    return this.#actors.at(this.#actorNumber());
  }

  /** The stamp may be 0: whoever forbids that checks it. */
  pair(): Pair {
    const { reader } = this;
    const number = reader.varint();
    const known = this.#pairs[number];
    if (known !== undefined) return known;
    const stamp = reader.varint();
    const actor = this.#actorNumber();
    const isKnown = this.#numbers.find(stamp, actor) >= 0;
    if (number !== this.#pairs.length || stamp > STAMP_MAX || isKnown) reader.fail();
    if (reader.failed) return ZERO_PAIR;
    this.#numbers.add(stamp, actor);
    const pair = this.#pairOf(stamp as Stamp, this.#actors.at(actor));
    this.#pairs.push(pair);
    return pair;
  }

  #pairOf(stamp: Stamp, actor: ActorId): Pair {
    if (this.#last.stamp !== stamp || this.#last.actor !== actor) this.#last = { stamp, actor };
    return this.#last;
  }

  #actorNumber(): number {
    const { reader } = this;
    const number = reader.varint();
    if (number < this.#actors.count) return number;
    const bytes = reader.raw(ACTOR_BYTES);
    if (reader.failed) return 0;
    const actor = this.intern(bytes);
    if (number !== this.#actors.count || this.#actors.find(actor) >= 0) reader.fail();
    if (!reader.failed) this.#actors.add(actor);
    return number;
  }
}
