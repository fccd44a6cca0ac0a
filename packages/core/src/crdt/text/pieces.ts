/**
 * Pieces: stretches of elements with consecutive counters of one actor, in columns of one Int32Array.
 *
 * Each element of a piece after the first is the right child of the one before it, all are live or all are deleted,
 * none but the first has a left child, and no piece crosses a block border. A piece is named by the offset of its
 * cells. Piece 0 is the start of the text: counter 0, no elements, never freed.
 *
 * Nearly every edit lengthens a piece or moves the border between two, through a handful of functions (`Order`,
 * `Sequence.type`, `Sequence.deletePart`). Those read `cells` themselves: until the engine has compiled an edit, which
 * for most texts is never, each call of an accessor costs more than what it reads.
 *
 *   counter | length | actor << 5 and flags | origin counter | origin actor | next | previous | leaf
 */
import { BLOCK_UNITS } from "./limits.ts";

const STRIDE = 8;
/** The columns: at these places behind a piece's number. The counter is at the number itself. */
export const LENGTH = 1;
/** actor << ACTOR_SHIFT | flags */
export const TAG = 2;
const ORIGIN_COUNTER = 3;
const ORIGIN_ACTOR = 4;
export const NEXT = 5;
export const PREVIOUS = 6;
export const LEAF = 7;
export const ACTOR_SHIFT = 5;
const INITIAL_PIECES = 16;

export const DELETED = 1;
/** The last element has a right child. */
export const HAS_RIGHT = 2;
/** The first element is a left child of its origin. */
export const LEFT_SIDE = 4;
/** The first element has a left child. */
export const HAS_LEFT = 8;
/** Some element may have a right child other than its own continuation (counter + 1 of the same actor). */
export const HAS_BRANCH = 16;

/** The piece at the start of the text, and the end of every list. */
export const START = 0;
/** The actor of the start of the text, as an origin. */
export const NO_ACTOR = -1;
/** The leaf of a piece that is kept and not shown, since its origin is missing. */
export const HIDDEN = -1;

export class Pieces {
  /** Replaced when it grows, which `create` alone does. */
  cells: Int32Array = new Int32Array(INITIAL_PIECES * STRIDE);
  #used: number = STRIDE;
  #free: number = START;

  /** A new piece, in no list yet. */
  create(counter: number, length: number, actor: number, flags: number): number {
    let piece = this.#free;
    if (piece !== START) {
      this.#free = this.next(piece);
    } else {
      piece = this.#used;
      this.#used += STRIDE;
      if (this.#used > this.cells.length) this.#grow();
    }
    const { cells } = this;
    cells[piece] = counter;
    cells[piece + LENGTH] = length;
    cells[piece + TAG] = (actor << ACTOR_SHIFT) | flags;
    cells[piece + LEAF] = HIDDEN;
    return piece;
  }

  /** Gives the cells back. The length becomes zero, so that a remembered piece number matches nothing. */
  release(piece: number): void {
    this.cells[piece + LENGTH] = 0;
    this.cells[piece + NEXT] = this.#free;
    this.#free = piece;
  }

  counter(piece: number): number {
    return this.cells[piece] as number;
  }

  length(piece: number): number {
    return this.cells[piece + LENGTH] as number;
  }

  /** The counter after the last element. */
  end(piece: number): number {
    return (this.cells[piece] as number) + (this.cells[piece + LENGTH] as number);
  }

  visible(piece: number): number {
    return ((this.cells[piece + TAG] as number) & DELETED) === 0 ? (this.cells[piece + LENGTH] as number) : 0;
  }

  actor(piece: number): number {
    return (this.cells[piece + TAG] as number) >> ACTOR_SHIFT;
  }

  has(piece: number, flags: number): boolean {
    return ((this.cells[piece + TAG] as number) & flags) !== 0;
  }

  flags(piece: number): number {
    return (this.cells[piece + TAG] as number) & ((1 << ACTOR_SHIFT) - 1);
  }

  set(piece: number, flags: number): void {
    this.cells[piece + TAG] = (this.cells[piece + TAG] as number) | flags;
  }

  originCounter(piece: number): number {
    return this.cells[piece + ORIGIN_COUNTER] as number;
  }

  originActor(piece: number): number {
    return this.cells[piece + ORIGIN_ACTOR] as number;
  }

  setOrigin(piece: number, counter: number, actor: number): void {
    this.cells[piece + ORIGIN_COUNTER] = counter;
    this.cells[piece + ORIGIN_ACTOR] = actor;
  }

  next(piece: number): number {
    return this.cells[piece + NEXT] as number;
  }

  previous(piece: number): number {
    return this.cells[piece + PREVIOUS] as number;
  }

  leaf(piece: number): number {
    return this.cells[piece + LEAF] as number;
  }

  setLeaf(piece: number, leaf: number): void {
    this.cells[piece + LEAF] = leaf;
  }

  link(piece: number, next: number): void {
    this.cells[piece + NEXT] = next;
    if (next !== START) this.cells[next + PREVIOUS] = piece;
  }

  setLength(piece: number, length: number): void {
    this.cells[piece + LENGTH] = length;
  }

  /** Moves the border between `piece` and `next`, which it joins: `by` elements go from `next` to it, or back below 0. */
  moveBorder(piece: number, next: number, by: number): void {
    const { cells } = this;
    const counter = (cells[next] as number) + by;
    cells[piece + LENGTH] = (cells[piece + LENGTH] as number) + by;
    cells[next] = counter;
    cells[next + LENGTH] = (cells[next + LENGTH] as number) - by;
    cells[next + ORIGIN_COUNTER] = counter - 1;
    const [from, to] = by > 0 ? [next, piece] : [piece, next];
    cells[to + TAG] = (cells[to + TAG] as number) | ((cells[from + TAG] as number) & HAS_BRANCH);
  }

  /** True when the first element of `piece` is the right child of the same actor's element just before it. */
  continues(piece: number): boolean {
    const { cells } = this;
    return (
      cells[piece + ORIGIN_COUNTER] === (cells[piece] as number) - 1 &&
      cells[piece + ORIGIN_ACTOR] === (cells[piece + TAG] as number) >> ACTOR_SHIFT &&
      ((cells[piece + TAG] as number) & LEFT_SIDE) === 0
    );
  }

  /** True when `piece` and `next`, its successor in the list, could be one piece were both live or both deleted. */
  joins(piece: number, next: number): boolean {
    const { cells } = this;
    const counter = cells[next] as number;
    const tag = cells[next + TAG] as number;
    const actor = tag >> ACTOR_SHIFT;
    return (
      counter === (cells[piece] as number) + (cells[piece + LENGTH] as number) &&
      actor === (cells[piece + TAG] as number) >> ACTOR_SHIFT &&
      counter % BLOCK_UNITS !== 0 &&
      (tag & (LEFT_SIDE | HAS_LEFT)) === 0 &&
      cells[next + ORIGIN_COUNTER] === counter - 1 &&
      cells[next + ORIGIN_ACTOR] === actor
    );
  }

  /** Takes the last elements of `piece` off as a piece of its own, which the caller links. */
  cut(piece: number, offset: number): number {
    const counter = this.counter(piece) + offset;
    const inherited = this.flags(piece) & (DELETED | HAS_RIGHT | HAS_BRANCH);
    const rest = this.create(counter, this.length(piece) - offset, this.actor(piece), inherited);
    this.setOrigin(rest, counter - 1, this.actor(piece));
    this.setLength(piece, offset);
    this.set(piece, HAS_RIGHT);
    return rest;
  }

  /** Lets `piece` take over the elements of `next`, which it joins and which the caller has unlinked. */
  absorb(piece: number, next: number): void {
    this.setLength(piece, this.length(piece) + this.length(next));
    if (!this.has(next, HAS_RIGHT)) this.cells[piece + TAG] = (this.cells[piece + TAG] as number) & ~HAS_RIGHT;
    this.set(piece, this.flags(next) & HAS_BRANCH);
  }

  #grow(): void {
    const grown = new Int32Array(this.cells.length * 2);
    grown.set(this.cells);
    this.cells = grown;
  }
}
