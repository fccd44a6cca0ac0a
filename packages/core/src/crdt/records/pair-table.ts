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

class ActorNumbers {
  readonly actors: ActorId[] = [];
  #byKey: Map<string, number> | undefined;

  clear(): void {
    this.actors.length = 0;
    this.#byKey = undefined;
  }

  find(actor: ActorId): number {
    const { actors } = this;
    if (actors.length <= SCANNED_MAX) {
      return actors.findIndex((known) => known === actor || bytesEqual(known, actor));
    }
    this.#byKey ??= new Map(actors.map((known, number) => [idKey(known), number]));
    return this.#byKey.get(idKey(actor)) ?? -1;
  }

  add(actor: ActorId): number {
    this.#byKey?.set(idKey(actor), this.actors.length);
    return this.actors.push(actor) - 1;
  }
}

class PairNumbers {
  readonly stamps: number[] = [];
  readonly actors: number[] = [];
  #byKey: Map<string, number> | undefined;

  clear(): void {
    this.stamps.length = 0;
    this.actors.length = 0;
    this.#byKey = undefined;
  }

  find(stamp: number, actor: number): number {
    const { stamps, actors } = this;
    if (stamps.length <= SCANNED_MAX) {
      for (let i = stamps.length - 1; i >= 0; i--) if (stamps[i] === stamp && actors[i] === actor) return i;
      return -1;
    }
    this.#byKey ??= new Map(stamps.map((known, number) => [`${known} ${actors[number]}`, number]));
    return this.#byKey.get(`${stamp} ${actor}`) ?? -1;
  }

  add(stamp: number, actor: number): void {
    this.#byKey?.set(`${stamp} ${actor}`, this.stamps.length);
    this.stamps.push(stamp);
    this.actors.push(actor);
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
    this.#lastNumber = number < 0 ? this.#pairs.stamps.length : number;
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

  begin(reader: Reader, intern: Intern): this {
    this.reader = reader;
    this.intern = intern;
    this.#actors.clear();
    this.#numbers.clear();
    this.#pairs.length = 0;
    return this;
  }

  actor(): ActorId {
    return this.#actors.actors[this.#actorNumber()] ?? ZERO_ACTOR;
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
    const pair = { stamp: stamp as Stamp, actor: this.#actors.actors[actor] ?? ZERO_ACTOR };
    this.#pairs.push(pair);
    return pair;
  }

  #actorNumber(): number {
    const { reader } = this;
    const number = reader.varint();
    if (number < this.#actors.actors.length) return number;
    const bytes = reader.raw(ACTOR_BYTES);
    if (reader.failed) return 0;
    const actor = this.intern(bytes);
    if (number !== this.#actors.actors.length || this.#actors.find(actor) >= 0) reader.fail();
    if (!reader.failed) this.#actors.add(actor);
    return number;
  }
}
