/**
 * The elements by id: per (actor, counter div 1024) the pieces in counter order, and the contents.
 *
 * A block is the unit of storage (one cell). Contents stand at their counter's place and are meaningful for live
 * elements only, so cutting a piece moves no content.
 */
import { BLOCK_UNITS, blockIndex } from "./limits.ts";
import type { Pieces } from "./pieces.ts";

const CONTENT_INITIAL = 16;
/** No piece holds the element. */
export const NOWHERE = -1;

export interface Block {
  readonly actor: number;
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
  readonly #blocks: Map<number, Block>[] = [];
  readonly #tops: number[] = [];
  #last: Block | undefined;
  #lastPiece = 0;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  *[Symbol.iterator](): Generator<Block> {
    for (const blocks of this.#blocks) if (blocks !== undefined) yield* blocks.values();
  }

  /** The highest counter of an actor that is in use: an element's or a deleted one's. */
  top(actor: number): number {
    return this.#tops[actor] ?? 0;
  }

  raiseTop(actor: number, counter: number): void {
    if (counter > this.top(actor)) this.#tops[actor] = counter;
  }

  get(actor: number, index: number): Block | undefined {
    const last = this.#last;
    if (last !== undefined && last.index === index && last.actor === actor) return last;
    const block = this.#blocks[actor]?.get(index);
    if (block !== undefined) this.#last = block;
    return block;
  }

  ensure(actor: number, index: number): Block {
    const known = this.get(actor, index);
    if (known !== undefined) return known;
    const block: Block = {
      actor,
      index,
      pieces: [],
      content: new Uint16Array(CONTENT_INITIAL),
      ghosts: [],
      dirty: false,
    };
    let blocks = this.#blocks[actor];
    if (blocks === undefined) {
      blocks = new Map();
      this.#blocks[actor] = blocks;
    }
    blocks.set(index, block);
    this.#last = block;
    return block;
  }

  /** The piece that holds an element, or NOWHERE. */
  locate(actor: number, counter: number): number {
    const pieces = this.#pieces;
    const last = this.#lastPiece;
    if (pieces.actor(last) === actor && counter >= pieces.counter(last) && counter < pieces.end(last)) return last;
    const block = this.get(actor, blockIndex(counter));
    if (block === undefined) return NOWHERE;
    const at = this.lowerBound(block, counter);
    const piece = block.pieces[at];
    if (piece === undefined || counter < pieces.counter(piece)) return NOWHERE;
    this.#lastPiece = piece;
    return piece;
  }

  /** The index in the block of the first piece that ends after `counter`. */
  lowerBound(block: Block, counter: number): number {
    const pieces = this.#pieces;
    let low = 0;
    let high = block.pieces.length;
    // Typing and most edits near it are in the last piece.
    const last = high === 0 ? undefined : block.pieces[high - 1];
    if (last !== undefined && pieces.counter(last) <= counter) return pieces.end(last) > counter ? high - 1 : high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pieces.end(block.pieces[middle] as number) > counter) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  insert(block: Block, piece: number): void {
    const counter = this.#pieces.counter(piece);
    const last = block.pieces.at(-1);
    if (last === undefined || this.#pieces.counter(last) < counter) block.pieces.push(piece);
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
}
