/**
 * The tree that is shown, kept up to date place by place. Invariant: after `settled` it is what `settle` gives for all
 * nodes at once.
 *
 * Most changes touch one node: it hung below the root or the trash by latest places alone, and so does its new parent,
 * not through the node itself. Then no other node is shown elsewhere, and the node is put under its parent. Any other
 * change is noted, and at the next read the nodes that it may move are settled together: those noted, those that are
 * astray already, and all below both. So moving one node costs its depth and the search among its siblings. While a
 * cycle stands, a move costs as much as what hangs below it is large: where nodes that are astray are shown depends on
 * which of their places are in the trash.
 */
import { type PlaceCell, parsePlaceKey, TREE_ROOT, TREE_TRASH } from "./place.ts";
import { closureOf, noteAstray, settle } from "./settle.ts";
import { createTreeNode, indexAmong, isAstray, latestOf, type Place, show, type TreeNode } from "./tree-node.ts";

export class TreeIndex {
  readonly root: TreeNode = createTreeNode(TREE_ROOT, true);
  readonly trash: TreeNode = createTreeNode(TREE_TRASH, true);
  /** Counts changes, for whoever keeps what it read. */
  version = 0;
  readonly #nodesById = new Map<string, TreeNode>([
    [TREE_ROOT, this.root],
    [TREE_TRASH, this.trash],
  ]);
  /** Nodes whose latest place changed since the last settlement, and what is shown may follow. */
  readonly #unsettled = new Set<TreeNode>();
  readonly #astray = new Set<TreeNode>();
  /** Counts the changes that may put a node which was shown below another top. */
  #era = 0;

  /** Takes in many places at once, before the first read. */
  static of(places: Iterable<readonly [key: string, cell: PlaceCell]>): TreeIndex {
    const index = new TreeIndex();
    for (const [key, cell] of places) {
      const { node, parent } = index.#ends(key);
      setPlace(node, parent, cell);
      node.latest = latestOf(node.places);
      index.#unsettled.add(node);
    }
    return index;
  }

  /** A node that was ever placed; undefined when there is none of that name. */
  find(id: string): TreeNode | undefined {
    this.settled();
    const node = this.#nodesById.get(id);
    return node === undefined || (!node.isAnchor && node.latest === undefined) ? undefined : node;
  }

  /**
   * The root or the trash, whichever a node is shown below; the last that is shown above it when it is below neither.
   * What was found on the way is kept until a node moves, so that making a deep tree does not climb it for each node.
   */
  topOf(node: TreeNode): TreeNode {
    let end = node;
    while (end.shown !== undefined && end.topEra !== this.#era) end = end.shown.parent;
    const top = (end.topEra === this.#era ? end.top : undefined) ?? end;
    for (let at = node; at !== end && at.shown !== undefined; at = at.shown.parent) {
      at.top = top;
      at.topEra = this.#era;
    }
    return top;
  }

  /** Whether a cycle stands, or a parent is missing: then where nodes are shown may hang by any place of any other. */
  get isAstray(): boolean {
    return this.settled().#astray.size > 0;
  }

  /** Brings the tree up to date. */
  settled(): this {
    if (this.#unsettled.size === 0) return this;
    for (const node of this.#astray) this.#unsettled.add(node);
    const nodes = closureOf(this.#unsettled);
    settle(nodes);
    this.#era++;
    noteAstray(this.#astray, nodes);
    this.#unsettled.clear();
    for (const node of nodes) this.#forget(node);
    return this;
  }

  /** Replaces what the tree knows of a place; no cell takes it back. */
  replace(key: string, cell: PlaceCell | undefined): void {
    this.version++;
    const { node, parent } = this.#ends(key);
    const isNew = node.places.length === 0 && node.named === 0;
    setPlace(node, parent, cell);
    const previous = node.latest;
    node.latest = latestOf(node.places);
    this.#follow(node, previous, isNew);
    this.#forget(node);
    this.#forget(parent);
  }

  /** Shows a node where its places now say, or notes that it has to be found. */
  #follow(node: TreeNode, previous: Place | undefined, isNew: boolean): void {
    const { latest } = node;
    if (this.#unsettled.size > 0) {
      this.#unsettled.add(node);
      return;
    }
    const isRooted = previous !== undefined && node.shown === previous && !isAdrift(previous.parent, node);
    // An earlier place is of no account while the latest holds.
    if (isRooted && latest === previous) return;
    const isKnown = isNew || isRooted;
    if (isNew && latest !== undefined && isShown(latest.parent)) {
      // Nothing is below a new node, so no other's top changes.
      moveTo(node, latest);
      return;
    }
    this.#era++;
    if (this.#astray.size > 0) this.#unsettled.add(node);
    else if (isRooted && latest !== undefined && !isAdrift(latest.parent, node)) moveTo(node, latest);
    else if (isKnown && latest === undefined && node.named === 0) moveTo(node, undefined);
    else this.#unsettled.add(node);
  }

  #ends(key: string): { readonly node: TreeNode; readonly parent: TreeNode } {
    const { node, parent } = parsePlaceKey(key);
    return { node: this.#open(node), parent: this.#open(parent) };
  }

  #open(id: string): TreeNode {
    const known = this.#nodesById.get(id);
    if (known !== undefined) return known;
    const node = createTreeNode(id, false);
    this.#nodesById.set(id, node);
    return node;
  }

  /** Lets go of a node of which nothing is left, after a transaction was taken back. */
  #forget(node: TreeNode): void {
    if (node.isAnchor || node.places.length > 0 || node.named > 0) return;
    if (this.#unsettled.has(node)) return;
    this.#nodesById.delete(node.id);
  }
}

function isShown(node: TreeNode): boolean {
  return node.isAnchor || node.shown !== undefined;
}

/** Whether a node misses the root and the trash by latest places alone, or reaches them through `barrier`. */
function isAdrift(start: TreeNode, barrier: TreeNode): boolean {
  let node = start;
  while (!node.isAnchor) {
    if (node === barrier || node.shown === undefined || isAstray(node)) return true;
    node = node.shown.parent;
  }
  return false;
}

function moveTo(node: TreeNode, place: Place | undefined): void {
  const before = node.shown?.parent.children;
  if (before !== undefined) before.splice(indexAmong(before, node), 1);
  show(node, place);
  if (place === undefined) return;
  const siblings = place.parent.children;
  siblings.splice(indexAmong(siblings, node), 0, node);
}

function setPlace(node: TreeNode, parent: TreeNode, cell: PlaceCell | undefined): void {
  if (node.places.length === 0 && cell !== undefined) {
    // Most nodes get one place, and keep it.
    parent.named++;
    node.places = [{ node, parent, cell }];
    return;
  }
  const others = node.places.filter((place) => place.parent !== parent);
  parent.named += (cell === undefined ? 0 : 1) - (node.places.length - others.length);
  node.places = cell === undefined ? others : [...others, { node, parent, cell }];
}
