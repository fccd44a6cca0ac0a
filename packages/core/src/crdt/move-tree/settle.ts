/**
 * Which place each node is shown at: a pure function of the places, so that all replicas show one tree, whatever order
 * they learn of moves in.
 *
 * 1. A node is shown at its latest place.
 * 2. That fails for nodes that do not reach the root or the trash so: those on a cycle, which two moves made at the same
 *    time close, those whose parent nobody knows, and all below them. The first two are *heads*. Of all places of such
 *    nodes whose parent is shown, the first is taken: a place in the trash or below something there last, as somebody
 *    took the node out again, or what it once was in; one of a head before one of a node below, so that what hangs below
 *    a cycle stays together; then the latest. Its node is shown there and what is below follows; and again, until no
 *    place is left.
 *
 * Every node that honest replicas made is shown: its first parent was shown when it was created, so following first
 * parents never turns in a circle. A node without any place that holds, which only a forger makes, is shown nowhere.
 *
 * After Evan Wallace, "Mutable Tree Hierarchy" (2022); what users expect of moves after Kleppmann et al., "A highly-
 * available move operation for replicated trees" (2022).
 */
import { Heap } from "../heap.ts";
import { TREE_TRASH } from "./place.ts";
import { comparePlaces, compareSiblings, isAstray, type Place, show, type TreeNode } from "./tree-node.ts";

type State = "unknown" | "on path" | "rooted" | "below" | "head";

interface Candidate {
  readonly place: Place;
  readonly rank: number;
}

/**
 * Finds anew where these nodes are shown. They hold every node that is astray or whose places changed, and all that are
 * shown below one of them; every other node is shown at its latest place and reaches the root or the trash so.
 */
export function settle(nodes: ReadonlySet<TreeNode>): void {
  unlink(nodes);
  const states = new Map<TreeNode, State>();
  for (const node of nodes) states.set(node, "unknown");
  for (const node of nodes) followLatest(node, states);
  const adrift: TreeNode[] = [];
  for (const [node, state] of states) {
    if (state === "rooted") show(node, node.latest);
    else if (node.latest !== undefined) adrift.push(node);
  }
  if (adrift.length > 0) reattach(adrift, states);
  link(nodes);
}

/** Takes the nodes from among the children of all parents: from each once, as many may hang below one. */
function unlink(nodes: ReadonlySet<TreeNode>): void {
  const parents = new Set<TreeNode>();
  for (const node of nodes) {
    const parent = node.shown?.parent;
    if (parent !== undefined && !nodes.has(parent)) parents.add(parent);
    node.children = [];
    show(node, undefined);
  }
  for (const parent of parents) parent.children = parent.children.filter((child) => !nodes.has(child));
}

/** Finds the state of a node, and of all between it and the first whose state is known. */
function followLatest(start: TreeNode, states: Map<TreeNode, State>): void {
  const path: TreeNode[] = [];
  let node: TreeNode | undefined = start;
  while (node !== undefined && states.get(node) === "unknown") {
    path.push(node);
    states.set(node, "on path");
    node = node.latest?.parent;
  }
  const end = node;
  if (end === undefined || states.get(end) !== "on path") {
    // The path left the nodes that are settled, met one that is known, or ended at a parent without a place.
    settlePath(path, end, states);
    return;
  }
  const from = path.indexOf(end);
  for (const [i, member] of path.entries()) states.set(member, i < from ? "below" : "head");
}

function settlePath(path: readonly TreeNode[], end: TreeNode | undefined, states: Map<TreeNode, State>): void {
  const isRooted = end !== undefined && isShownAt(end, states);
  for (const node of path) states.set(node, isRooted ? "rooted" : "below");
  // Without a known parent: the last of the path if it has a place, or the one before, whose parent then has none.
  const heads = path.filter((node) => node.latest !== undefined && isUnknown(node.latest.parent));
  if (!isRooted) for (const head of heads) states.set(head, "head");
}

function isUnknown(node: TreeNode): boolean {
  return !node.isAnchor && node.latest === undefined;
}

/** Outside of the nodes that are settled, a node is rooted when it has a place at all. */
function isShownAt(node: TreeNode, states: ReadonlyMap<TreeNode, State>): boolean {
  const state = states.get(node);
  return state === undefined ? !isUnknown(node) : state === "rooted";
}

function reattach(adrift: readonly TreeNode[], states: Map<TreeNode, State>): void {
  const below = groupBy(adrift, (node) => node.latest?.parent);
  const ready = new Heap<Candidate>((a, b) => a.rank - b.rank || comparePlaces(a.place, b.place));
  const deferred = new Map<TreeNode, Place[]>();
  const offer = (place: Place): void => ready.push({ place, rank: rankOf(place, states) });
  for (const node of adrift) {
    for (const place of node.places) {
      if (isShownAt(place.parent, states)) offer(place);
      else pushTo(deferred, place.parent, place);
    }
  }
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    const { place } = next;
    if (states.get(place.node) === "rooted") continue;
    show(place.node, place);
    for (const node of rootBelow(place.node, below, states)) {
      for (const deferredPlace of deferred.get(node) ?? []) offer(deferredPlace);
    }
  }
}

/** Of a place whose parent is shown, which it stays. */
function rankOf(place: Place, states: ReadonlyMap<TreeNode, State>): number {
  return (isInTrash(place.parent) ? 2 : 0) + (states.get(place.node) === "head" ? 0 : 1);
}

function isInTrash(node: TreeNode): boolean {
  let top = node;
  while (top.shown !== undefined) top = top.shown.parent;
  return top.id === TREE_TRASH;
}

/** Shows at their latest places all that follow a node which was just attached; gives them with it. */
function rootBelow(
  top: TreeNode,
  below: ReadonlyMap<TreeNode, readonly TreeNode[]>,
  states: Map<TreeNode, State>,
): TreeNode[] {
  const rooted = [top];
  states.set(top, "rooted");
  for (let at = 0; at < rooted.length; at++) {
    for (const node of below.get(rooted[at] as TreeNode) ?? []) {
      if (states.get(node) === "rooted") continue;
      states.set(node, "rooted");
      show(node, node.latest);
      rooted.push(node);
    }
  }
  return rooted;
}

/** Puts the nodes among the children of the parents that they are shown at. */
function link(nodes: ReadonlySet<TreeNode>): void {
  const parents = new Set<TreeNode>();
  for (const node of nodes) {
    if (node.shown === undefined) continue;
    node.shown.parent.children.push(node);
    parents.add(node.shown.parent);
  }
  for (const parent of parents) parent.children.sort(compareSiblings);
}

/** All nodes that a change of these may move: they, what is shown below them, and the same of those that are astray. */
export function closureOf(changed: Iterable<TreeNode>): Set<TreeNode> {
  const closure = new Set(changed);
  // A set is visited in the order of its insertions, those made meanwhile included.
  for (const node of closure) for (const child of node.children) closure.add(child);
  return closure;
}

/** Brings the set of nodes that are astray up to date. */
export function noteAstray(astray: Set<TreeNode>, settled: Iterable<TreeNode>): void {
  for (const node of settled) {
    if (isAstray(node)) astray.add(node);
    else astray.delete(node);
  }
}

function groupBy(
  nodes: readonly TreeNode[],
  keyOf: (node: TreeNode) => TreeNode | undefined,
): Map<TreeNode, TreeNode[]> {
  const groups = new Map<TreeNode, TreeNode[]>();
  for (const node of nodes) {
    const key = keyOf(node);
    if (key !== undefined) pushTo(groups, key, node);
  }
  return groups;
}

function pushTo<T>(groups: Map<TreeNode, T[]>, key: TreeNode, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}
