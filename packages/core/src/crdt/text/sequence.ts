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
import { DELETED, HAS_BRANCH, HAS_LEFT, HAS_RIGHT, HIDDEN, LEFT_SIDE, NO_ACTOR, Pieces, START } from "./pieces.ts";

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
    } else if (this.#endsAt(origin, originCounter) && !pieces.has(origin, HAS_RIGHT)) {
      this.attach(origin, origin, part);
    } else {
      this.attach(this.#placeAmongSiblings(origin, part), origin, part);
    }
  }

  /** Keeps new elements whose origin is not shown. */
  keepHidden(part: Part): void {
    const { originActor, originCounter } = part;
    const piece = this.#create(part);
    this.blocks.insert(this.#blockOf(part), piece);
    if (this.blocks.locate(originActor, originCounter) === NOWHERE) {
      this.missing.add(elementKey(originActor, originCounter));
    }
  }

  /** Puts new elements right after the piece `after`; `origin` is the piece of their origin. */
  attach(after: number, origin: number, part: Part): number {
    const { pieces, order, blocks } = this;
    const { actor, counter, length, isDeleted } = part;
    const continues = !part.isLeft && part.originCounter === counter - 1 && part.originActor === actor;
    const visible = isDeleted ? 0 : length;
    const block = this.#blockOf(part);
    if (continues && after === origin && this.#extends(after, part)) {
      pieces.setLength(after, pieces.length(after) + length);
      if (visible > 0) order.add(after, visible);
      return after;
    }
    const isLast = this.#endsAt(origin, part.originCounter);
    const piece = this.#create(part);
    order.insertAfter(after, piece, visible);
    blocks.insert(block, piece);
    if (part.isLeft) pieces.set(origin, HAS_LEFT);
    else pieces.set(origin, (isLast ? HAS_RIGHT : 0) | (continues ? 0 : HAS_BRANCH));
    if (!continues && this.#branches !== undefined) {
      const key = elementKey(part.originActor, part.originCounter);
      this.#branches.add(key, part.isLeft, elementKey(actor, counter));
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
    let counter = start;
    while (counter < end) {
      const block = blocks.ensure(actor, blockIndex(counter));
      const stop = Math.min(end, (block.index + 1) * BLOCK_UNITS);
      const piece = block.pieces[blocks.lowerBound(block, counter)];
      if (piece === undefined || pieces.counter(piece) >= stop) {
        this.#addGhosts(block, counter, stop);
        counter = stop;
      } else if (pieces.counter(piece) > counter) {
        this.#addGhosts(block, counter, pieces.counter(piece));
        counter = pieces.counter(piece);
      } else {
        const last = Math.min(stop, pieces.end(piece));
        if (!pieces.has(piece, DELETED)) this.deletePart(piece, counter - pieces.counter(piece), last - counter);
        counter = last;
      }
    }
  }

  /**
   * Deletes elements of a live piece. Where a deleted piece of the same run lies beside them, only the border
   * between the two moves: typing and backspace leave no trail of pieces.
   */
  deletePart(piece: number, offset: number, count: number): void {
    const { pieces, order } = this;
    this.markDirty(must(this.blocks.get(pieces.actor(piece), blockIndex(pieces.counter(piece))), "block"));
    const isShown = pieces.leaf(piece) !== HIDDEN;
    const rest = pieces.length(piece) - offset - count;
    if (isShown && rest === 0 && offset > 0) {
      const next = pieces.next(piece);
      if (next !== START && pieces.has(next, DELETED) && pieces.joins(piece, next)) {
        pieces.moveStart(next, -count);
        pieces.setLength(piece, offset);
        pieces.set(next, pieces.flags(piece) & HAS_BRANCH);
        order.add(piece, -count);
        return;
      }
    }
    if (isShown && offset === 0 && rest > 0) {
      const previous = pieces.previous(piece);
      if (previous !== START && pieces.has(previous, DELETED) && pieces.joins(previous, piece)) {
        pieces.moveStart(piece, count);
        pieces.setLength(previous, pieces.length(previous) + count);
        pieces.set(previous, pieces.flags(piece) & HAS_BRANCH);
        order.add(piece, -count);
        return;
      }
    }
    const target = offset === 0 ? piece : this.cut(piece, offset);
    if (rest > 0) this.cut(target, count);
    pieces.set(target, DELETED);
    if (!isShown) return;
    order.add(target, -count);
    this.#mergeDeleted(target);
  }

  #create(part: Part): number {
    const flags = (part.isDeleted ? DELETED : 0) | (part.isLeft ? LEFT_SIDE : 0);
    const piece = this.pieces.create(part.counter, part.length, part.actor, flags);
    this.pieces.setOrigin(piece, part.originCounter, part.originActor);
    return piece;
  }

  #blockOf(part: Part): Block {
    const block = this.blocks.ensure(part.actor, blockIndex(part.counter));
    this.blocks.raiseTop(part.actor, part.counter + part.length - 1);
    this.markDirty(block);
    return block;
  }

  #pieceOf(actor: number, counter: number): number {
    if (actor === NO_ACTOR) return START;
    const piece = this.blocks.locate(actor, counter);
    assert(piece !== NOWHERE, "the element is known");
    return piece;
  }

  #endsAt(piece: number, counter: number): boolean {
    return piece === START || this.pieces.end(piece) === counter + 1;
  }

  #extends(piece: number, part: Part): boolean {
    const { pieces } = this;
    return (
      part.counter % BLOCK_UNITS !== 0 &&
      pieces.end(piece) === part.counter &&
      !pieces.has(piece, HAS_RIGHT) &&
      pieces.has(piece, DELETED) === part.isDeleted
    );
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
    this.blocks.raiseTop(block.actor, end - 1);
    this.markDirty(block);
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
