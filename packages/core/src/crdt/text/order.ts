/**
 * The order of the text: a linked list of pieces under a linked B-tree of visible lengths, with a cursor.
 *
 * Leaves and inner nodes hold no slots: a node knows its first child, how many follow it in the level's list, and the
 * visible length below it. So an insert is pointer work, and an edit adds to its two or three ancestors. Most edits
 * are near the last one, which the cursor remembers, and never descend.
 *
 *   first child | children | visible units | next in level | parent
 */
import { assert } from "../../base/index.ts";
import { DELETED, HIDDEN, LEAF, LENGTH, NEXT, type Pieces, PREVIOUS, START, TAG } from "./pieces.ts";

const STRIDE = 5;
const CHILDREN = 1;
const VISIBLE = 2;
const NEXT_NODE = 3;
const PARENT = 4;
const NO_NODE = 0;
/** Measured flat between 8 and 64. */
const CHILDREN_MAX = 32;
/** How far to look from the cursor before descending: about as dear as a descent. */
const CURSOR_STEPS = 12;
const INITIAL_NODES = 8;

export class Order {
  /** After `find`: where in the piece the unit is. */
  offset = 0;
  readonly #pieces: Pieces;
  #nodes: Int32Array = new Int32Array(INITIAL_NODES * STRIDE);
  #used: number = STRIDE;
  #root: number;
  #height = 0;
  #cursor: number = START;
  #cursorStart = 0;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
    this.#root = this.#create(START, 1, NO_NODE);
    pieces.setLeaf(START, this.#root);
  }

  /** Visible units. */
  get length(): number {
    return this.#nodes[this.#root + VISIBLE] as number;
  }

  /** The piece that holds the visible unit at `position`; `offset` says where in it. Moves the cursor there. */
  find(position: number): number {
    const { cells } = this.#pieces;
    let piece = this.#cursor;
    let start = this.#cursorStart;
    for (let step = 0; step < CURSOR_STEPS; step++) {
      if (position < start) {
        piece = cells[piece + PREVIOUS] as number;
        if (((cells[piece + TAG] as number) & DELETED) === 0) start -= cells[piece + LENGTH] as number;
        continue;
      }
      const isDeleted = ((cells[piece + TAG] as number) & DELETED) !== 0;
      const end = isDeleted ? start : start + (cells[piece + LENGTH] as number);
      if (position < end) {
        this.#cursor = piece;
        this.#cursorStart = start;
        this.offset = position - start;
        return piece;
      }
      piece = cells[piece + NEXT] as number;
      start = end;
      if (piece === START) break;
    }
    return this.#descend(position);
  }

  /** How many visible units are before `piece`, which is in the list. */
  positionOf(piece: number): number {
    const nodes = this.#nodes;
    const pieces = this.#pieces;
    let node = pieces.leaf(piece);
    let before = 0;
    for (let at = nodes[node] as number; at !== piece; at = pieces.next(at)) before += pieces.visible(at);
    for (let parent = nodes[node + PARENT] as number; parent !== NO_NODE; parent = nodes[node + PARENT] as number) {
      for (let at = nodes[parent] as number; at !== node; at = nodes[at + NEXT_NODE] as number) {
        before += nodes[at + VISIBLE] as number;
      }
      node = parent;
    }
    return before;
  }

  /** Forgets the cursor, after edits at places whose position is unknown. */
  resetCursor(): void {
    this.#cursor = START;
    this.#cursorStart = 0;
  }

  /** Puts `piece`, of `visible` units that the tree does not count yet, after `previous`. */
  insertAfter(previous: number, piece: number, visible: number): void {
    const pieces = this.#pieces;
    const leaf = pieces.leaf(previous);
    pieces.link(piece, pieces.next(previous));
    pieces.link(previous, piece);
    pieces.setLeaf(piece, leaf);
    if (visible !== 0) this.add(previous, visible);
    const children = (this.#nodes[leaf + CHILDREN] as number) + 1;
    this.#nodes[leaf + CHILDREN] = children;
    if (children > CHILDREN_MAX) this.#split(leaf, 0);
  }

  /** Takes out a piece that no longer shows anything. Its leaf keeps at least one other piece. */
  remove(piece: number): void {
    const pieces = this.#pieces;
    const nodes = this.#nodes;
    const leaf = pieces.leaf(piece);
    assert((nodes[leaf + CHILDREN] as number) > 1, "a leaf never empties");
    if (nodes[leaf] === piece) nodes[leaf] = pieces.next(piece);
    if (this.#cursor === piece) this.#cursor = pieces.previous(piece);
    nodes[leaf + CHILDREN] = (nodes[leaf + CHILDREN] as number) - 1;
    pieces.link(pieces.previous(piece), pieces.next(piece));
    pieces.setLeaf(piece, HIDDEN);
  }

  /** Adds to the visible length at `piece`. */
  add(piece: number, units: number): void {
    const nodes = this.#nodes;
    for (
      let node = this.#pieces.cells[piece + LEAF] as number;
      node !== NO_NODE;
      node = nodes[node + PARENT] as number
    ) {
      nodes[node + VISIBLE] = (nodes[node + VISIBLE] as number) + units;
    }
  }

  #descend(position: number): number {
    assert(position < this.length, "position is inside the text");
    const nodes = this.#nodes;
    const pieces = this.#pieces;
    let node = this.#root;
    let start = 0;
    for (let level = this.#height; level >= 0; level--) {
      while (start + (nodes[node + VISIBLE] as number) <= position) {
        start += nodes[node + VISIBLE] as number;
        node = nodes[node + NEXT_NODE] as number;
      }
      node = nodes[node] as number;
    }
    let piece = node;
    while (start + pieces.visible(piece) <= position) {
      start += pieces.visible(piece);
      piece = pieces.next(piece);
    }
    this.#cursor = piece;
    this.#cursorStart = start;
    this.offset = position - start;
    return piece;
  }

  /** Moves the second half of a full node's children to a new node after it. */
  #split(node: number, level: number): void {
    const parent = this.#parentOf(node, level);
    const children = this.#nodes[node + CHILDREN] as number;
    const kept = children >> 1;
    const right = this.#create(START, children - kept, parent);
    const nodes = this.#nodes;
    let child = nodes[node] as number;
    for (let i = 0; i < kept; i++) child = this.#nextChild(child, level);
    nodes[right] = child;
    nodes[right + NEXT_NODE] = nodes[node + NEXT_NODE] as number;
    nodes[node + NEXT_NODE] = right;
    nodes[node + CHILDREN] = kept;
    let visible = 0;
    for (let i = kept; i < children; i++) {
      visible += this.#adopt(right, child, level);
      child = this.#nextChild(child, level);
    }
    nodes[right + VISIBLE] = visible;
    nodes[node + VISIBLE] = (nodes[node + VISIBLE] as number) - visible;
    const siblings = (nodes[parent + CHILDREN] as number) + 1;
    nodes[parent + CHILDREN] = siblings;
    if (siblings > CHILDREN_MAX) this.#split(parent, level + 1);
  }

  #nextChild(child: number, level: number): number {
    return level === 0 ? this.#pieces.next(child) : (this.#nodes[child + NEXT_NODE] as number);
  }

  /** Makes `child` one of `node`'s and says what it shows. */
  #adopt(node: number, child: number, level: number): number {
    if (level === 0) {
      this.#pieces.setLeaf(child, node);
      return this.#pieces.visible(child);
    }
    this.#nodes[child + PARENT] = node;
    return this.#nodes[child + VISIBLE] as number;
  }

  /** The parent of a node; a new root above it when it has none. */
  #parentOf(node: number, level: number): number {
    const parent = this.#nodes[node + PARENT] as number;
    if (parent !== NO_NODE) return parent;
    const root = this.#create(node, 1, NO_NODE);
    this.#nodes[root + VISIBLE] = this.#nodes[node + VISIBLE] as number;
    this.#nodes[node + PARENT] = root;
    this.#root = root;
    this.#height = level + 1;
    return root;
  }

  #create(first: number, children: number, parent: number): number {
    const node = this.#used;
    this.#used += STRIDE;
    if (this.#used > this.#nodes.length) {
      const grown = new Int32Array(this.#nodes.length * 2);
      grown.set(this.#nodes);
      this.#nodes = grown;
    }
    this.#nodes[node] = first;
    this.#nodes[node + CHILDREN] = children;
    this.#nodes[node + PARENT] = parent;
    return node;
  }
}
