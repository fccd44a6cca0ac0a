/**
 * Movable tree: nodes below nodes, in order. Whatever is moved at the same time, every node is shown once, none below
 * itself; where two moves would close a cycle, one of the nodes is shown where it was before. What a node holds lies in
 * a map beside the tree, under the node's id: a value, or a nested container.
 */
import { type ContainerId, must } from "../../base/index.ts";
import { GENERATION_ZERO, type Generation, nestedContainerId } from "../cell-key.ts";
import type { HandleHost, Views } from "../handles/handles.ts";
import { WALK_PAGE_NODES_MAX } from "./limits.ts";
import { TREE_ROOT } from "./place.ts";
import type { TreeContainer } from "./tree-container.ts";
import { indexAmong, type TreeNode } from "./tree-node.ts";

export interface WalkOptions {
  /** Walks what is below this node; the whole tree without it. */
  readonly from?: string;
  /** The last node of the page before. */
  readonly after?: string;
  /** Nodes in the page, at most `WALK_PAGE_NODES_MAX`, which is also the default. */
  readonly limit?: number;
}

export interface WalkedNode {
  readonly id: string;
  /** Levels below where the walk began: 1 for a child. */
  readonly depth: number;
}

export interface NodePlace {
  /** A node, `TREE_ROOT` or `TREE_TRASH`. */
  readonly parent: string;
  /** By what it sorts among its siblings. */
  readonly position: string;
  /** Of the delta that said so. */
  readonly pair: Generation;
}

interface WalkStep {
  readonly node: TreeNode;
  readonly depth: number;
}

export class TreeView<H extends Views> {
  readonly target: TreeContainer;
  readonly #handles: HandleHost<H>;
  #contentsId: ContainerId | undefined;

  constructor(handles: HandleHost<H>, target: TreeContainer) {
    this.#handles = handles;
    this.target = target;
  }

  /** What the nodes hold, by their ids. It is kept while a node is in the trash. */
  get contents(): H["map"] {
    return this.#handles.resolve("map", this.contentsId);
  }

  /** Whether the node is in the tree, and not in the trash. */
  has(node: string): boolean {
    return this.#live(node) !== undefined;
  }

  /** Whether the node, or one above it, was removed. */
  isRemoved(node: string): boolean {
    const found = this.target.tree().find(node);
    return found?.shown !== undefined && this.target.tree().topOf(found) === this.target.tree().trash;
  }

  /** Nodes in the tree. */
  get size(): number {
    return countBelow(this.target.tree().root);
  }

  /** The parent, `TREE_ROOT` for a top node; undefined when the node is not in the tree. */
  parentOf(node: string): string | undefined {
    return this.#live(node)?.shown?.parent.id;
  }

  /** The nodes below one, in order; below the root, the top nodes; below `TREE_TRASH`, what was removed. */
  childrenOf(parent: string): string[] {
    return (this.#shown(parent)?.children ?? []).map((child) => child.id);
  }

  childCount(parent: string): number {
    return this.#shown(parent)?.children.length ?? 0;
  }

  /** The child at an index; undefined when there is none. */
  childAt(parent: string, index: number): string | undefined {
    return this.#shown(parent)?.children[index]?.id;
  }

  /** Where the node stands among its siblings; undefined when it is not in the tree. */
  indexOf(node: string): number | undefined {
    const found = this.#live(node);
    return found?.shown === undefined ? undefined : indexAmong(found.shown.parent.children, found);
  }

  /** What was said last of where a node belongs; undefined when it was never placed. */
  placeOf(node: string): NodePlace | undefined {
    const latest = this.target.tree().find(node)?.latest;
    if (latest === undefined) return undefined;
    const { stamp, actor, content } = latest.cell;
    return { parent: latest.parent.id, position: content, pair: { stamp, actor } };
  }

  /** The nodes above one, the nearest first and without the root; none when it is not in the tree. */
  ancestors(node: string): string[] {
    const above: string[] = [];
    let at = this.#live(node)?.shown?.parent;
    for (; at !== undefined && !at.isAnchor; at = at.shown?.parent) above.push(at.id);
    return above;
  }

  /** Whether a node is below another, at any depth; every node in the tree is below the root. */
  isDescendant(node: string, above: string): boolean {
    for (let at = this.#live(node)?.shown?.parent; at !== undefined; at = at.shown?.parent) {
      if (at.id === above) return true;
    }
    return false;
  }

  /** A page of what is below a node: each before what is below it, in order. */
  walk({ from = TREE_ROOT, after, limit = WALK_PAGE_NODES_MAX }: WalkOptions = {}): WalkedNode[] {
    const page: WalkedNode[] = [];
    const top = this.#shown(from);
    const start = after === undefined ? top : this.#shown(after);
    if (top === undefined || start === undefined) return page;
    const end = Math.min(limit, WALK_PAGE_NODES_MAX);
    let at: WalkStep | undefined = { node: start, depth: depthBelow(start, top) };
    while (page.length < end && at !== undefined) {
      at = stepOn(at);
      if (at !== undefined) page.push({ id: at.node.id, depth: at.depth });
    }
    return page;
  }

  protected get contentsId(): ContainerId {
    this.#contentsId ??= nestedContainerId(this.target.id, "contents", "map", GENERATION_ZERO);
    return this.#contentsId;
  }

  #live(node: string): TreeNode | undefined {
    const found = this.#shown(node);
    if (found === undefined || found.isAnchor) return undefined;
    const index = this.target.tree();
    return index.topOf(found) === index.root ? found : undefined;
  }

  /** Shown in the tree or in the trash. */
  #shown(node: string): TreeNode | undefined {
    const found = this.target.tree().find(node);
    return found?.isAnchor || found?.shown !== undefined ? found : undefined;
  }
}

function countBelow(top: TreeNode): number {
  const open = [top];
  let count = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    count += node.children.length;
    for (const child of node.children) if (child.children.length > 0) open.push(child);
  }
  return count;
}

/** Levels between a node and the one that a walk began at; below zero when it is not below it. */
function depthBelow(node: TreeNode, top: TreeNode): number {
  let depth = 0;
  for (let at: TreeNode | undefined = node; at !== undefined; at = at.shown?.parent) {
    if (at === top) return depth;
    depth++;
  }
  return -1;
}

/** The next node of a walk; undefined when it is over, and when it began at a node that is not below its top. */
function stepOn({ node, depth }: WalkStep): WalkStep | undefined {
  const first = node.children[0];
  if (first !== undefined && depth >= 0) return { node: first, depth: depth + 1 };
  let at = node;
  for (let level = depth; level > 0; level--) {
    const { parent } = must(at.shown, "what is below the top of a walk is shown");
    const next = parent.children[indexAmong(parent.children, at) + 1];
    if (next !== undefined) return { node: next, depth: level };
    at = parent;
  }
  return undefined;
}
