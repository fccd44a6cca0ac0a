/**
 * The elements by id: per (actor, counter div 1024) the pieces in counter order, and the contents.
 *
 * A block is the unit of storage (one cell). Contents stand at their counter's place and are meaningful for live
 * elements only, so cutting a piece moves no content.
 */
import { BLOCK_UNITS, blockIndex } from "./limits.ts";
import { ACTOR_SHIFT, LENGTH, type Pieces, TAG } from "./pieces.ts";

const CONTENT_INITIAL = 16;
/** No piece holds the element. */
export const NOWHERE = -1;

/** What an actor has. */
export interface Owner {
  readonly actor: number;
  /** Of all in its blocks the highest counter. */
  top: number;
  readonly blocks: Map<number, Block>;
}

export interface Block {
  readonly owner: Owner;
  readonly index: number;
  /** Piece numbers in counter order. */
  readonly pieces: number[];
  content: Uint16Array;
  /** Deleted counters without an element, as ascending (start, end) pairs: a hostile writer's, or not yet come. */
  ghosts: readonly number[];
  dirty: boolean;
}

export class Blocks {
  readonly #pieces: Pieces;
  /** By actor, as far as somebody has an element or a deletion. */
  readonly #owners: (Owner | undefined)[] = [];
  #last: Block | undefined;
  #lastPiece = 0;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  *[Symbol.iterator](): Generator<Block> {
    for (const owner of this.#owners) if (owner !== undefined) yield* owner.blocks.values();
  }

  /** The highest counter of an actor that is in use: an element's or a deleted one's. */
  top(actor: number): number {
    return this.#owners[actor]?.top ?? 0;
  }

  get(actor: number, index: number): Block | undefined {
    const last = this.#last;
    if (last !== undefined && last.index === index && last.owner.actor === actor) return last;
    const block = this.#owners[actor]?.blocks.get(index);
    if (block !== undefined) this.#last = block;
    return block;
  }

  ensure(actor: number, index: number): Block {
    return this.get(actor, index) ?? this.#create(actor, index);
  }

  /** The piece that holds an element, or NOWHERE. */
  locate(actor: number, counter: number): number {
    const { cells } = this.#pieces;
    const last = this.#lastPiece;
    const within = counter - (cells[last] as number);
    const isThere = within >= 0 && within < (cells[last + LENGTH] as number);
    if (isThere && (cells[last + TAG] as number) >> ACTOR_SHIFT === actor) return last;
    const block = this.get(actor, blockIndex(counter));
    if (block === undefined) return NOWHERE;
    const at = this.lowerBound(block, counter);
    const piece = block.pieces[at];
    if (piece === undefined || counter < (cells[piece] as number)) return NOWHERE;
    this.#lastPiece = piece;
    return piece;
  }

  /** The index in the block of the first piece that ends after `counter`. */
  lowerBound(block: Block, counter: number): number {
    const { cells } = this.#pieces;
    const { pieces } = block;
    let low = 0;
    let high = pieces.length;
    if (high === 0) return 0;
    // Typing and most edits near it are in the last piece.
    const last = pieces[high - 1] as number;
    if ((cells[last] as number) <= counter) {
      return counter < (cells[last] as number) + (cells[last + LENGTH] as number) ? high - 1 : high;
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      const piece = pieces[middle] as number;
      if (counter < (cells[piece] as number) + (cells[piece + LENGTH] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  insert(block: Block, piece: number): void {
    const counter = this.#pieces.counter(piece);
    const count = block.pieces.length;
    if (count === 0 || this.#pieces.counter(block.pieces[count - 1] as number) < counter) block.pieces.push(piece);
    else block.pieces.splice(this.lowerBound(block, counter), 0, piece);
  }

  /** Files the second part of a piece that was just cut. */
  insertCut(piece: number): void {
    const counter = this.#pieces.counter(piece);
    const block = this.ensure(this.#pieces.actor(piece), blockIndex(counter));
    block.pieces.splice(this.lowerBound(block, counter), 0, piece);
  }

  remove(block: Block, piece: number): void {
    block.pieces.splice(this.lowerBound(block, this.#pieces.counter(piece)), 1);
  }

  /** Room for the content of counters below `end` of the block (`end` counted from its start). */
  reserve(block: Block, end: number): Uint16Array {
    if (end <= block.content.length) return block.content;
    const grown = new Uint16Array(Math.min(BLOCK_UNITS, Math.max(end, block.content.length * 2)));
    grown.set(block.content);
    block.content = grown;
    return grown;
  }

  #create(actor: number, index: number): Block {
    const owner = this.#owner(actor);
    const content = new Uint16Array(CONTENT_INITIAL);
    const block: Block = { owner, index, pieces: [], content, ghosts: [], dirty: false };
    owner.blocks.set(index, block);
    this.#last = block;
    return block;
  }

  #owner(actor: number): Owner {
    const known = this.#owners[actor];
    if (known !== undefined) return known;
    const owner: Owner = { actor, top: 0, blocks: new Map() };
    for (let next = this.#owners.length; next < actor; next++) this.#owners.push(undefined);
    this.#owners[actor] = owner;
    return owner;
  }
}
