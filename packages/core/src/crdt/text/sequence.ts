/**
 * The order of elements: the tree form of Fugue (Weidner and Kleppmann, "The Art of the Fugue", 2023).
 *
 * An element is the left or right child of its origin, siblings ascend by (counter, actor bytes), and the text is the
 * in-order walk. A new element becomes the right child of its left neighbour when that has none, else the left child
 * of its right neighbour; so siblings meet under concurrency only, and runs typed at once at one place stay apart.
 *
 * Invariant: the list of shown pieces is that walk. Elements whose origin is not shown are kept in their block alone.
 */
import { assert, must } from "../../base/index.ts";
import type { Actors } from "./actors.ts";
import { type Block, Blocks, NOWHERE } from "./blocks.ts";
import { Branches, type ElementKey, elementKey, keyActor, keyCounter } from "./branches.ts";
import { BLOCK_UNITS, blockIndex } from "./limits.ts";
import { Order } from "./order.ts";
import {
  ACTOR_SHIFT,
  DELETED,
  HAS_BRANCH,
  HAS_LEFT,
  HAS_RIGHT,
  HIDDEN,
  LEAF,
  LEFT_SIDE,
  LENGTH,
  NEXT,
  NO_ACTOR,
  Pieces,
  PREVIOUS,
  START,
  TAG,
} from "./pieces.ts";

/** Consecutive elements of one actor in one block, alike live or deleted; the first hangs at the origin. */
export interface Part {
  actor: number;
  counter: number;
  length: number;
  originActor: number;
  originCounter: number;
  isLeft: boolean;
  isDeleted: boolean;
}

export class Sequence {
  readonly actors: Actors;
  readonly pieces: Pieces = new Pieces();
  readonly order: Order = new Order(this.pieces);
  readonly blocks: Blocks = new Blocks(this.pieces);
  /** Origins that kept elements wait for. */
  readonly missing: Set<ElementKey> = new Set();
  #branches: Branches | undefined;
  #dirty: Block[] = [];

  constructor(actors: Actors) {
    this.actors = actors;
  }

  get dirty(): readonly Block[] {
    return this.#dirty;
  }

  takeDirty(): Block[] {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const block of dirty) block.dirty = false;
    return dirty;
  }

  markDirty(block: Block): void {
    if (block.dirty) return;
    block.dirty = true;
    this.#dirty.push(block);
  }

  /** True when an element can be hung below this one. */
  isShown(actor: number, counter: number): boolean {
    if (actor === NO_ACTOR) return true;
    const piece = this.blocks.locate(actor, counter);
    return piece !== NOWHERE && this.pieces.leaf(piece) !== HIDDEN;
  }

  /** Puts new elements at their place among whatever is there; their origin is shown. */
  place(part: Part): void {
    const { pieces } = this;
    const { originCounter } = part;
    let origin = this.#pieceOf(part.originActor, originCounter);
    if (part.isLeft) {
      if (pieces.counter(origin) !== originCounter) origin = this.cut(origin, originCounter - pieces.counter(origin));
      if (!pieces.has(origin, HAS_LEFT)) this.attach(pieces.previous(origin), origin, part);
      else this.attach(this.#placeAmongSiblings(origin, part), origin, part);
    } else if (this.extend(origin, part)) {
      return;
    } else if (this.#endsAt(origin, originCounter) && !pieces.has(origin, HAS_RIGHT)) {
      this.attach(origin, origin, part);
    } else {
      this.attach(this.#placeAmongSiblings(origin, part), origin, part);
    }
  }

  /** Keeps new elements whose origin is not shown. */
  keepHidden(part: Part): void {
    const { originActor, originCounter } = part;
    const block = this.blocks.ensure(part.actor, blockIndex(part.counter));
    this.#file(block, this.#create(part));
    if (this.blocks.locate(originActor, originCounter) === NOWHERE) {
      this.missing.add(elementKey(originActor, originCounter));
    }
  }

  /**
   * Makes a shown piece longer by new elements that are right children of its last one, if they continue it: what
   * nearly every insert does, typing on after one's own last element. False, and nothing done, if they do not.
   */
  extend(piece: number, part: Part): boolean {
    const { actor, counter, length } = part;
    const { cells } = this.pieces;
    const tag = cells[piece + TAG] as number;
    const before = cells[piece + LENGTH] as number;
    const isLast = (cells[piece] as number) + before === counter && tag >> ACTOR_SHIFT === actor;
    if (!isLast || !continues(part) || counter % BLOCK_UNITS === 0) return false;
    if ((tag & HAS_RIGHT) !== 0 || ((tag & DELETED) !== 0) !== part.isDeleted) return false;
    cells[piece + LENGTH] = before + length;
    if (!part.isDeleted) this.order.add(piece, length);
    this.#note(this.blocks.ensure(actor, blockIndex(counter)), counter + length - 1);
    return true;
  }

  /** Puts new elements as a piece right after the piece `after`; `origin` is the piece of their origin. */
  attach(after: number, origin: number, part: Part): number {
    const { pieces } = this;
    const { actor, counter, originCounter, isLeft } = part;
    const isBranch = !continues(part);
    const isAtEnd = this.#endsAt(origin, originCounter);
    const piece = this.#create(part);
    this.order.insertAfter(after, piece, pieces.visible(piece));
    this.#file(this.blocks.ensure(actor, blockIndex(counter)), piece);
    if (isLeft) pieces.set(origin, HAS_LEFT);
    else pieces.set(origin, (isAtEnd ? HAS_RIGHT : 0) | (isBranch ? HAS_BRANCH : 0));
    if (isBranch && this.#branches !== undefined) {
      this.#branches.add(elementKey(part.originActor, originCounter), isLeft, elementKey(actor, counter));
    }
    return piece;
  }

  /** Cuts a piece in two before its element at `offset`; the second part. */
  cut(piece: number, offset: number): number {
    const rest = this.pieces.cut(piece, offset);
    if (this.pieces.leaf(piece) !== HIDDEN) this.order.insertAfter(piece, rest, 0);
    this.blocks.insertCut(rest);
    return rest;
  }

  /** Deletes elements by id, live, deleted already, hidden or never seen. */
  deleteRange(actor: number, start: number, end: number): void {
    const { pieces, blocks } = this;
    for (let counter = start; counter < end; ) {
      const piece = blocks.locate(actor, counter);
      if (piece === NOWHERE) {
        counter = this.#deleteUnseen(actor, counter, end);
      } else {
        const last = Math.min(end, pieces.end(piece));
        if (!pieces.has(piece, DELETED)) this.deletePart(piece, counter - pieces.counter(piece), last - counter);
        counter = last;
      }
    }
  }

  /** Notes elements as deleted that are not there; up to which counter. */
  #deleteUnseen(actor: number, start: number, end: number): number {
    const block = this.blocks.ensure(actor, blockIndex(start));
    const stop = Math.min(end, (block.index + 1) * BLOCK_UNITS);
    const next = block.pieces[this.blocks.lowerBound(block, start)];
    const to = next === undefined ? stop : Math.min(stop, this.pieces.counter(next));
    this.#addGhosts(block, start, to);
    return to;
  }

  /**
   * Deletes elements of a live piece. Where a deleted piece of the same run lies beside them, only the border
   * between the two moves: typing and backspace leave no trail of pieces.
   */
  deletePart(piece: number, offset: number, count: number): void {
    const { pieces, order } = this;
    const { cells } = pieces;
    const counter = cells[piece] as number;
    const rest = (cells[piece + LENGTH] as number) - offset - count;
    const actor = (cells[piece + TAG] as number) >> ACTOR_SHIFT;
    this.markDirty(must(this.blocks.get(actor, blockIndex(counter)), "a piece has a block"));
    if (cells[piece + LEAF] === HIDDEN) {
      pieces.set(this.#single(piece, offset, count), DELETED);
      return;
    }
    const next = cells[piece + NEXT] as number;
    const previous = cells[piece + PREVIOUS] as number;
    if (rest === 0 && offset > 0 && this.#joinsDeleted(piece, next, next)) {
      pieces.moveBorder(piece, next, -count);
      order.add(piece, -count);
    } else if (offset === 0 && rest > 0 && this.#joinsDeleted(previous, piece, previous)) {
      pieces.moveBorder(previous, piece, count);
      order.add(piece, -count);
    } else {
      const target = this.#single(piece, offset, count);
      pieces.set(target, DELETED);
      order.add(target, -count);
      this.#mergeDeleted(target);
    }
  }

  /** The elements at `offset` of a piece as a piece of their own. */
  #single(piece: number, offset: number, count: number): number {
    const target = offset === 0 ? piece : this.cut(piece, offset);
    if (this.pieces.length(target) > count) this.cut(target, count);
    return target;
  }

  /** True when `piece` and `next` could be one, and this one of them is deleted. */
  #joinsDeleted(piece: number, next: number, deleted: number): boolean {
    const { pieces } = this;
    if (deleted === START || ((pieces.cells[deleted + TAG] as number) & DELETED) === 0) return false;
    return pieces.joins(piece, next);
  }

  #create(part: Part): number {
    const flags = (part.isDeleted ? DELETED : 0) | (part.isLeft ? LEFT_SIDE : 0);
    const piece = this.pieces.create(part.counter, part.length, part.actor, flags);
    this.pieces.setOrigin(piece, part.originCounter, part.originActor);
    return piece;
  }

  #file(block: Block, piece: number): void {
    this.blocks.insert(block, piece);
    this.#note(block, this.pieces.end(piece) - 1);
  }

  /** A block has changed and reaches up to this counter at least. */
  #note(block: Block, counter: number): void {
    const { owner } = block;
    if (counter > owner.top) owner.top = counter;
    this.markDirty(block);
  }

  #pieceOf(actor: number, counter: number): number {
    if (actor === NO_ACTOR) return START;
    const piece = this.blocks.locate(actor, counter);
    assert(piece !== NOWHERE, "the element is known");
    return piece;
  }

  #endsAt(piece: number, counter: number): boolean {
    const { cells } = this.pieces;
    return piece === START || (cells[piece] as number) + (cells[piece + LENGTH] as number) === counter + 1;
  }

  #mergeDeleted(piece: number): void {
    const { pieces } = this;
    let merged = piece;
    const previous = pieces.previous(piece);
    if (previous !== START && this.#mergesWith(previous, piece)) {
      this.#merge(previous, piece);
      merged = previous;
    }
    const next = pieces.next(merged);
    if (next !== START && this.#mergesWith(merged, next)) this.#merge(merged, next);
  }

  #mergesWith(piece: number, next: number): boolean {
    const { pieces } = this;
    return (
      pieces.has(piece, DELETED) &&
      pieces.has(next, DELETED) &&
      pieces.leaf(piece) === pieces.leaf(next) &&
      pieces.joins(piece, next)
    );
  }

  #merge(piece: number, next: number): void {
    const { pieces, blocks } = this;
    const block = must(blocks.get(pieces.actor(next), blockIndex(pieces.counter(next))), "block");
    this.order.remove(next);
    blocks.remove(block, next);
    pieces.absorb(piece, next);
    pieces.release(next);
  }

  #addGhosts(block: Block, start: number, end: number): void {
    const ghosts: number[] = [];
    let from = start;
    let to = end;
    for (let i = 0; i < block.ghosts.length; i += 2) {
      const ghostStart = block.ghosts[i] as number;
      const ghostEnd = block.ghosts[i + 1] as number;
      if (ghostStart <= start && ghostEnd >= end) return;
      if (ghostEnd < from || ghostStart > to) {
        ghosts.push(ghostStart, ghostEnd);
      } else {
        from = Math.min(from, ghostStart);
        to = Math.max(to, ghostEnd);
      }
    }
    let at = 0;
    while (at < ghosts.length && (ghosts[at] as number) < from) at += 2;
    ghosts.splice(at, 0, from, to);
    block.ghosts = ghosts;
    this.#note(block, end - 1);
  }

  /** The piece after which a new child goes whose origin has children on its side. */
  #placeAmongSiblings(origin: number, part: Part): number {
    this.#branches ??= this.#buildBranches();
    const branches = this.#branches;
    const { pieces } = this;
    const { originActor, originCounter, isLeft } = part;
    const siblings = branches.children(elementKey(originActor, originCounter), isLeft) ?? [];
    const element = elementKey(part.actor, part.counter);
    const rank = branches.rank(siblings, element);
    let before = rank > 0 ? siblings[rank - 1] : undefined;
    const continuation = isLeft ? undefined : this.#continuationOf(originActor, originCounter);
    if (continuation !== undefined && branches.isBefore(continuation, element)) {
      if (before === undefined || branches.isBefore(before, continuation)) before = continuation;
    }
    if (before !== undefined) return this.#lastBelow(branches, before);
    if (isLeft) return pieces.previous(this.#firstBelow(branches, must(siblings[0], "a left sibling")));
    if (!this.#endsAt(origin, originCounter)) this.cut(origin, originCounter + 1 - pieces.counter(origin));
    return origin;
  }

  #buildBranches(): Branches {
    const { pieces } = this;
    const branches = new Branches(this.actors);
    for (let piece = pieces.next(START); piece !== START; piece = pieces.next(piece)) {
      if (pieces.continues(piece)) continue;
      const origin = elementKey(pieces.originActor(piece), pieces.originCounter(piece));
      branches.add(origin, pieces.has(piece, LEFT_SIDE), elementKey(pieces.actor(piece), pieces.counter(piece)));
    }
    return branches;
  }

  /** The right child with the next counter of the same actor, when there is one. */
  #continuationOf(actor: number, counter: number): ElementKey | undefined {
    if (actor === NO_ACTOR) return undefined;
    const piece = this.blocks.locate(actor, counter + 1);
    if (piece === NOWHERE) return undefined;
    const isInside = this.pieces.counter(piece) <= counter;
    return isInside || this.pieces.continues(piece) ? elementKey(actor, counter + 1) : undefined;
  }

  /** The piece that begins with the first element of the subtree: down the first left children. */
  #firstBelow(branches: Branches, top: ElementKey): number {
    let element = top;
    for (;;) {
      const piece = this.#pieceOf(keyActor(element), keyCounter(element));
      if (this.pieces.counter(piece) !== keyCounter(element) || !this.pieces.has(piece, HAS_LEFT)) return piece;
      element = must(branches.children(element, true)?.[0], "a listed left child");
    }
  }

  /** The piece that ends with the last element of the subtree: down the last right children. */
  #lastBelow(branches: Branches, top: ElementKey): number {
    const { pieces } = this;
    let element = top;
    for (;;) {
      const actor = keyActor(element);
      const piece = this.#pieceOf(actor, keyCounter(element));
      const branch = pieces.has(piece, HAS_BRANCH) ? this.#lastBranch(branches, piece, keyCounter(element)) : undefined;
      if (branch !== undefined) {
        element = branch;
        continue;
      }
      const continuation = pieces.has(piece, HAS_RIGHT)
        ? this.#continuationOf(actor, pieces.end(piece) - 1)
        : undefined;
      if (continuation === undefined) return piece;
      element = continuation;
    }
  }

  /** Of the piece's elements from `counter` on, the first whose last right child is no continuation: that child. */
  #lastBranch(branches: Branches, piece: number, counter: number): ElementKey | undefined {
    const actor = this.pieces.actor(piece);
    for (let at = counter; at < this.pieces.end(piece); at++) {
      const last = branches.children(elementKey(actor, at), false)?.at(-1);
      if (last === undefined) continue;
      const continuation = this.#continuationOf(actor, at);
      if (continuation === undefined || branches.isBefore(continuation, last)) return last;
    }
    return undefined;
  }
}

/** True when the first element is the right child of the same actor's element just before it. */
function continues({ actor, counter, originActor, originCounter, isLeft }: Part): boolean {
  return !isLeft && originCounter === counter - 1 && originActor === actor;
}
