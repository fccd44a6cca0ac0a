/** What the index of a movable tree keeps of a node in memory, and how the places of nodes are ordered. */
import { compareBytes } from "../../base/index.ts";
import type { PlaceCell } from "./place.ts";
import { sortKeyOf } from "./position.ts";

/** A parent that a node was given. */
export interface Place {
  readonly node: TreeNode;
  readonly parent: TreeNode;
  readonly cell: PlaceCell;
}

export interface TreeNode {
  readonly id: string;
  /** The root or the trash: shown without a place. */
  readonly isAnchor: boolean;
  /** None for an anchor, and for a node that is only named as a parent so far. */
  places: readonly Place[];
  /** How many places name it as their parent. */
  named: number;
  /** The greatest of its places. */
  latest: Place | undefined;
  /** Where it is shown: the latest place, an earlier one when that does not hold, undefined when none does. */
  shown: Place | undefined;
  /** By what it sorts among its siblings where it is shown. */
  sortKey: string;
  /** Shown below it, in order. */
  children: TreeNode[];
  /** What it was last found to be below, see `TreeIndex.topOf`, and when. */
  top: TreeNode | undefined;
  topEra: number;
}

/** Shared by the many nodes that have one place or no child; never changed. */
const NO_PLACES: readonly Place[] = [];

export function createTreeNode(id: string, isAnchor: boolean): TreeNode {
  return {
    id,
    isAnchor,
    places: NO_PLACES,
    named: 0,
    latest: undefined,
    shown: undefined,
    sortKey: "",
    children: [],
    top: undefined,
    topEra: -1,
  };
}

/** Shown elsewhere than at its latest place, or nowhere. */
export function isAstray(node: TreeNode): boolean {
  return node.shown !== node.latest;
}

/** The later place first; total over all places of a tree. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.cell.stamp !== b.cell.stamp) return b.cell.stamp - a.cell.stamp;
  if (a.cell.actor !== b.cell.actor) {
    const byActor = compareBytes(b.cell.actor, a.cell.actor);
    if (byActor !== 0) return byActor;
  }
  return compareTexts(a.node.id, b.node.id) || compareTexts(b.parent.id, a.parent.id);
}

export function latestOf(places: readonly Place[]): Place | undefined {
  let latest = places[0];
  for (const place of places) if (latest !== undefined && comparePlaces(place, latest) < 0) latest = place;
  return latest;
}

export function compareSiblings(a: TreeNode, b: TreeNode): number {
  return compareTexts(a.sortKey, b.sortKey) || compareTexts(a.id, b.id);
}

/** Where a node stands among the children of its parent, or where it belongs. */
export function indexAmong(children: readonly TreeNode[], node: TreeNode): number {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareSiblings(children[middle] as TreeNode, node) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Shows a node at a place; its parent's children are not touched. */
export function show(node: TreeNode, place: Place | undefined): void {
  node.shown = place;
  node.sortKey = place === undefined ? "" : sortKeyOf(place.cell.content, node.id);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
