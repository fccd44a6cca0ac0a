/**
 * A sorted map from bytes to values: a B+ tree whose versions share what they have in common.
 *
 * Invariant: a snapshot never changes. A node belongs to the edit that made it; the map changes nodes of its own edit
 * in place and copies all others on the way down, and `snapshot` ends the edit. So a snapshot costs nothing when it is
 * taken. An iterator reads one version whatever is written meanwhile: the first write while one is open ends the edit.
 *
 *     branch: children[i] holds the keys with bounds[i] <= key < bounds[i + 1]; bounds[0] is not looked at
 *     leaf:   keys ascending, values beside them
 *
 * Deletion frees a node when it is empty and merges none ("free at empty": Johnson and Shasha, "B-trees with inserts
 * and deletes: why free-at-empty is better than merge-at-half", 1993).
 */
import { compareBytes } from "@dunlin/core/base";
import { FANOUT_MAX } from "./limits.ts";

/**
 * One search from the root down. All keys between the nearest that were looked at on either side share with the sought
 * one what both of these share with it, so no comparison reads those bytes again: keys of a table begin alike.
 */
class Neighbours {
  isFound = false;
  #below = 0;
  #above = 0;

  /** Before the root. */
  reset(): void {
    this.#below = 0;
    this.#above = 0;
  }

  /**
   * Whether a key lies in a range, undefined where nothing bounds it: then a search may begin there. The bounds share
   * their first `same` bytes and no more; 0 when one is undefined.
   */
  startWithin(from: Uint8Array | undefined, key: Uint8Array, to: Uint8Array | undefined, same: number): boolean {
    this.#below = from === undefined ? 0 : sharedLength(from, key, 0);
    if (from !== undefined && orderAfter(from, key, this.#below) > 0) return false;
    // What goes on with the lower bound where the bounds part is below the upper one.
    this.#above = same;
    if (to === undefined || this.#below > same) return true;
    this.#above = sharedLength(to, key, from === undefined ? 0 : this.#below);
    return orderAfter(to, key, this.#above) > 0;
  }

  /** The first index from `from` on whose key is not below `key`. */
  seek(keys: readonly Uint8Array[], key: Uint8Array, from: number): number {
    let low = from;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = keys[middle] as Uint8Array;
      const length = Math.min(other.length, key.length);
      let same = Math.min(this.#below, this.#above);
      while (same < length && other[same] === key[same]) same++;
      const order = same < length ? (other[same] as number) - (key[same] as number) : other.length - key.length;
      if (order < 0) {
        low = middle + 1;
        this.#below = same;
      } else if (order > 0) {
        high = middle;
        this.#above = same;
      } else {
        this.#below = same;
        this.isFound = true;
        return middle;
      }
    }
    this.isFound = false;
    return low;
  }
}

/** Reused: a search has ended before the next one begins. */
const neighbours = new Neighbours();

interface Edit {
  readonly name: "edit";
}

interface Leaf<V> {
  readonly kind: "leaf";
  readonly edit: Edit;
  readonly keys: Uint8Array[];
  readonly values: V[];
}

interface Branch<V> {
  readonly kind: "branch";
  readonly edit: Edit;
  readonly bounds: Uint8Array[];
  readonly children: Node<V>[];
}

type Node<V> = Leaf<V> | Branch<V>;

/** One version of a map, which never changes. */
export interface Snapshot<V> {
  readonly size: number;
  readonly root: Node<V>;
}

export interface Bounds {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly reverse?: boolean;
}

export class SortedMap<V> {
  #edit: Edit = newEdit();
  #root: Node<V>;
  #size: number;
  /** Iterators of the present edit that have not ended. */
  #readers = 0;
  /**
   * The leaf of this edit that was written to last, and the range of the keys that belong there. What is written
   * together mostly lies together, and is then found without a search from the root.
   */
  #lastLeaf: Leaf<V> | undefined;
  #lastFrom: Uint8Array | undefined;
  #lastTo: Uint8Array | undefined;
  /** How many bytes the two share. */
  #lastSame = 0;

  /** Empty, or as a snapshot was. */
  constructor(from?: Snapshot<V>) {
    this.#root = from?.root ?? { kind: "leaf", edit: this.#edit, keys: [], values: [] };
    this.#size = from?.size ?? 0;
  }

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): V | undefined {
    return getIn(this.#root, key);
  }

  /** The entries with `gte <= key < lt`, as they are now. */
  range(bounds: Bounds): Iterable<readonly [Uint8Array, V]> {
    this.#readers++;
    return this.#read({ size: this.#size, root: this.#root }, this.#edit, bounds);
  }

  snapshot(): Snapshot<V> {
    this.#endEdit();
    return { size: this.#size, root: this.#root };
  }

  /** The value that was there before. */
  set(key: Uint8Array, value: V): V | undefined {
    if (this.#readers > 0) this.#endEdit();
    const leaf = this.#lastLeaf;
    // One more than fit in it is split on the way from the root.
    const fits = leaf !== undefined && leaf.keys.length < FANOUT_MAX;
    if (fits && neighbours.startWithin(this.#lastFrom, key, this.#lastTo, this.#lastSame)) {
      return this.#setInLeaf(leaf, key, value);
    }
    const root = this.#own(this.#root);
    this.#root = root;
    this.#lastFrom = undefined;
    this.#lastTo = undefined;
    neighbours.reset();
    const before = this.#setIn(root, key, value);
    const [from, to] = [this.#lastFrom, this.#lastTo];
    this.#lastSame = from === undefined || to === undefined ? 0 : sharedLength(from, to, 0);
    if (!isFull(root)) return before;
    this.#lastLeaf = undefined;
    const right = splitNode(root, this.#edit);
    this.#root = { kind: "branch", edit: this.#edit, bounds: [right.bound, right.bound], children: [root, right.node] };
    return before;
  }

  /** Whether it was there. */
  delete(key: Uint8Array): boolean {
    if (!this.#has(key)) return false;
    if (this.#readers > 0) this.#endEdit();
    const root = this.#own(this.#root);
    this.#root = root;
    this.#lastLeaf = undefined;
    neighbours.reset();
    this.#deleteIn(root, key);
    this.#size--;
    while (this.#root.kind === "branch" && this.#root.children.length <= 1) {
      this.#root = this.#root.children[0] ?? { kind: "leaf", edit: this.#edit, keys: [], values: [] };
    }
    return true;
  }

  *#read(snapshot: Snapshot<V>, edit: Edit, bounds: Bounds): Generator<readonly [Uint8Array, V]> {
    try {
      yield* rangeOf(snapshot, bounds);
    } finally {
      if (edit === this.#edit) this.#readers--;
    }
  }

  /** All nodes stay as they are from now on. */
  #endEdit(): void {
    this.#edit = newEdit();
    this.#readers = 0;
    this.#lastLeaf = undefined;
  }

  #has(key: Uint8Array): boolean {
    neighbours.seek(leafFor(this.#root, key).keys, key, 0);
    return neighbours.isFound;
  }

  #own(node: Node<V>): Node<V> {
    if (node.edit === this.#edit) return node;
    return node.kind === "leaf"
      ? { kind: "leaf", edit: this.#edit, keys: node.keys.slice(), values: node.values.slice() }
      : { kind: "branch", edit: this.#edit, bounds: node.bounds.slice(), children: node.children.slice() };
  }

  /** `node` is of this edit. It may come out one over full: whoever holds it splits it. */
  #setIn(node: Node<V>, key: Uint8Array, value: V): V | undefined {
    if (node.kind === "leaf") {
      this.#lastLeaf = node;
      return this.#setInLeaf(node, key, value);
    }
    const at = childIndex(node, key);
    if (at > 0) this.#lastFrom = node.bounds[at];
    this.#lastTo = node.bounds[at + 1] ?? this.#lastTo;
    const child = this.#own(node.children[at] as Node<V>);
    node.children[at] = child;
    const before = this.#setIn(child, key, value);
    if (!isFull(child)) return before;
    this.#lastLeaf = undefined;
    const right = splitNode(child, this.#edit);
    insertAt(node.bounds, at + 1, right.bound);
    insertAt(node.children, at + 1, right.node);
    return before;
  }

  #setInLeaf({ keys, values }: Leaf<V>, key: Uint8Array, value: V): V | undefined {
    const at = neighbours.seek(keys, key, 0);
    if (neighbours.isFound) {
      const before = values[at];
      values[at] = value;
      return before;
    }
    insertAt(keys, at, key);
    insertAt(values, at, value);
    this.#size++;
    return undefined;
  }

  /** `node` is of this edit, and holds the key. */
  #deleteIn(node: Node<V>, key: Uint8Array): void {
    if (node.kind === "leaf") {
      const at = neighbours.seek(node.keys, key, 0);
      node.keys.splice(at, 1);
      node.values.splice(at, 1);
      return;
    }
    const at = childIndex(node, key);
    const child = this.#own(node.children[at] as Node<V>);
    node.children[at] = child;
    this.#deleteIn(child, key);
    if (!isEmpty(child)) return;
    node.bounds.splice(at, 1);
    node.children.splice(at, 1);
  }
}

/** The entries of a snapshot with `gte <= key < lt`, ascending or in reverse. */
export function* rangeOf<V>(snapshot: Snapshot<V>, bounds: Bounds): Generator<readonly [Uint8Array, V]> {
  yield* bounds.reverse === true ? descend(snapshot.root, bounds) : ascend(snapshot.root, bounds);
}

function* ascend<V>(node: Node<V>, bounds: Bounds): Generator<readonly [Uint8Array, V]> {
  if (node.kind === "leaf") {
    const end = seekAlone(node.keys, bounds.lt);
    for (let i = seekAlone(node.keys, bounds.gte); i < end; i++)
      yield [node.keys[i] as Uint8Array, node.values[i] as V];
    return;
  }
  neighbours.reset();
  for (let i = childIndex(node, bounds.gte); i < node.children.length; i++) {
    if (i > 0 && compareBytes(node.bounds[i] as Uint8Array, bounds.lt) >= 0) return;
    yield* ascend(node.children[i] as Node<V>, bounds);
  }
}

function* descend<V>(node: Node<V>, bounds: Bounds): Generator<readonly [Uint8Array, V]> {
  if (node.kind === "leaf") {
    const end = seekAlone(node.keys, bounds.gte);
    for (let i = seekAlone(node.keys, bounds.lt) - 1; i >= end; i--) {
      yield [node.keys[i] as Uint8Array, node.values[i] as V];
    }
    return;
  }
  neighbours.reset();
  for (let i = childIndex(node, bounds.lt); i >= 0; i--) {
    yield* descend(node.children[i] as Node<V>, bounds);
    if (i > 0 && compareBytes(node.bounds[i] as Uint8Array, bounds.gte) <= 0) return;
  }
}

/** The first index whose key is not below `key`, where nothing is known of the node's place. */
function seekAlone(keys: readonly Uint8Array[], key: Uint8Array): number {
  neighbours.reset();
  return neighbours.seek(keys, key, 0);
}

function getIn<V>(root: Node<V>, key: Uint8Array): V | undefined {
  const leaf = leafFor(root, key);
  const at = neighbours.seek(leaf.keys, key, 0);
  return neighbours.isFound ? leaf.values[at] : undefined;
}

/** Leaves `neighbours` at the leaf. */
function leafFor<V>(root: Node<V>, key: Uint8Array): Leaf<V> {
  let node = root;
  neighbours.reset();
  while (node.kind === "branch") node = node.children[childIndex(node, key)] as Node<V>;
  return node;
}

/** The child whose keys reach from at or below `key`. */
function childIndex<V>(branch: Branch<V>, key: Uint8Array): number {
  const at = neighbours.seek(branch.bounds, key, 1);
  return neighbours.isFound ? at : at - 1;
}

function isFull<V>(node: Node<V>): boolean {
  return (node.kind === "leaf" ? node.keys.length : node.children.length) > FANOUT_MAX;
}

function isEmpty<V>(node: Node<V>): boolean {
  return (node.kind === "leaf" ? node.keys.length : node.children.length) === 0;
}

/** Moves the upper half of a node of this edit into a new one. */
function splitNode<V>(node: Node<V>, edit: Edit): { bound: Uint8Array; node: Node<V> } {
  if (node.kind === "leaf") {
    const at = node.keys.length >>> 1;
    const keys = node.keys.splice(at);
    return { bound: keys[0] as Uint8Array, node: { kind: "leaf", edit, keys, values: node.values.splice(at) } };
  }
  const at = node.children.length >>> 1;
  const bounds = node.bounds.splice(at);
  return { bound: bounds[0] as Uint8Array, node: { kind: "branch", edit, bounds, children: node.children.splice(at) } };
}

/** How many bytes two keys share, of which they share the first `from`. */
function sharedLength(a: Uint8Array, b: Uint8Array, from: number): number {
  const length = Math.min(a.length, b.length);
  let same = from;
  while (same < length && a[same] === b[same]) same++;
  return same;
}

/** The order of two keys that share their first `same` bytes and no more. */
function orderAfter(a: Uint8Array, b: Uint8Array, same: number): number {
  return same < a.length && same < b.length ? (a[same] as number) - (b[same] as number) : a.length - b.length;
}

/** A splice would make an array of what it takes out, which is nothing. */
function insertAt<T>(items: T[], at: number, item: T): void {
  items.push(item);
  for (let i = items.length - 1; i > at; i--) items[i] = items[i - 1] as T;
  items[at] = item;
}

function newEdit(): Edit {
  return { name: "edit" };
}
