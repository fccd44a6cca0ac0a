/**
 * A movable tree: nodes below nodes, in order. Whatever is moved at the same time, every node is shown once, none below
 * itself. What the nodes hold stands in `contents`, by their ids, and is kept while a node is removed.
 */
import type { AnyField, ReadContents, WriteContents } from "./contents.ts";
import { createField, type Field } from "./field.ts";
import { host } from "./host.ts";
import { openMap } from "./map.ts";

/** The parent of the top nodes. */
export const ROOT = "";

export interface WalkedNode {
  readonly id: string;
  /** Levels below where the walk began: 1 for a child. */
  readonly depth: number;
}

export interface WalkOptions {
  /** Walks what is below this node; the whole tree without it. */
  readonly from?: string;
  /** The last node of the page before. */
  readonly after?: string;
  readonly limit?: number;
}

interface ReadonlyNodes {
  has(node: string): boolean;
  /** Whether the node, or one above it, was removed. */
  isRemoved(node: string): boolean;
  size(): number;
  /** The parent, `ROOT` for a top node; undefined when the node is not in the tree. */
  parent(node: string): string | undefined;
  /** In order; of `ROOT` the top nodes. */
  children(parent: string): string[];
  childCount(parent: string): number;
  /** Where the node stands among its siblings; undefined when it is not in the tree. */
  indexOf(node: string): number | undefined;
  /** The nodes above one, the nearest first. */
  ancestors(node: string): string[];
  /** Each node before what is below it; a page of it. */
  walk(options?: WalkOptions): WalkedNode[];
}

export interface ReadonlyTree<Contents> extends ReadonlyNodes {
  readonly contents: Contents;
}

export interface Tree<Contents> extends ReadonlyTree<Contents> {
  /** A new node; gives its id. With an `id` of one's own, created twice at the same time it is one node. */
  create(parent: string, options?: { readonly index?: number; readonly id?: string }): string;
  /** Puts a node, and all that is below it, elsewhere; also one that was removed. The index is that without the node. */
  move(node: string, parent: string, index?: number): void;
  /** Removes a node, and all that is below it. Whether it was in the tree. */
  remove(node: string): boolean;
}

/** Declares a tree whose nodes hold values, `outline: tree(register<string>())`, or containers, `tree(text())`. */
export function tree<F extends AnyField>(inner: F): Field<ReadonlyTree<ReadContents<F>>, Tree<WriteContents<F>>> {
  return createField<unknown, unknown>("tree", (handle) => open(handle, inner), [inner]) as Field<
    ReadonlyTree<ReadContents<F>>,
    Tree<WriteContents<F>>
  >;
}

/** A page of a walk is bounded by the node; this is more. */
const WALK_MAX = 1_000_000;

function open(handle: number, inner: AnyField): Tree<unknown> {
  return {
    has: (node) => host.treeHas(handle, node),
    isRemoved: (node) => host.treeIsRemoved(handle, node),
    size: () => host.treeSize(handle),
    parent: (node) => host.treeParent(handle, node),
    children: (parent) => host.treeChildren(handle, parent),
    childCount: (parent) => host.treeChildCount(handle, parent),
    indexOf: (node) => host.treeIndexOf(handle, node),
    ancestors: (node) => host.treeAncestors(handle, node),
    walk: ({ from, after, limit = WALK_MAX } = {}) =>
      host.treeWalk(handle, from, after, limit).map(([id, depth]) => ({ id, depth })),
    create: (parent, { index, id } = {}) => host.treeCreate(handle, parent, index, id),
    move: (node, parent, index) => host.treeMove(handle, node, parent, index),
    remove: (node) => host.treeRemove(handle, node),
    get contents() {
      return openMap(host.treeContents(handle), inner);
    },
  };
}
