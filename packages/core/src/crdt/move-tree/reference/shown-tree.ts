/**
 * The tree that a set of places shows, by definition and without an index: everything is looked up anew for each node
 * that is attached. Compared with `TreeIndex` on random and hostile places.
 */
import { compareBytes } from "../../../base/index.ts";
import { type PlaceCell, parsePlaceKey, TREE_ROOT, TREE_TRASH } from "../place.ts";
import { sortKeyOf } from "../position.ts";

interface Place extends PlaceCell {
  readonly node: string;
  readonly parent: string;
}

/** The children of each parent that has some, in order. */
export type ShownTree = ReadonlyMap<string, readonly string[]>;

export function shownTree(cells: ReadonlyMap<string, PlaceCell>): ShownTree {
  const places = [...cells].map(([key, cell]): Place => ({ ...cell, ...parsePlaceKey(key) })).sort(latestFirst);
  const shown = new Map<string, Place>();
  for (const place of places) if (!shown.has(place.node)) shown.set(place.node, place);
  const latest = new Map(shown);
  const heads = new Set([...latest.keys()].filter((node) => isHead(node, latest)));
  for (;;) {
    const candidates = places.filter(
      ({ node, parent }) =>
        !isRooted(node, shown) && (parent === TREE_ROOT || parent === TREE_TRASH || isRooted(parent, shown)),
    );
    const isInTrash = (place: Place): boolean =>
      place.parent === TREE_TRASH || topOf(place.parent, shown) === TREE_TRASH;
    const rank = (place: Place): number => (isInTrash(place) ? 2 : 0) + (heads.has(place.node) ? 0 : 1);
    const first = candidates.sort((a, b) => rank(a) - rank(b) || latestFirst(a, b))[0];
    if (first === undefined) break;
    shown.set(first.node, first);
  }
  return childrenOf([...shown.values()].filter(({ node }) => isRooted(node, shown)));
}

function isRooted(node: string, shown: ReadonlyMap<string, Place>): boolean {
  return topOf(node, shown) !== undefined;
}

/** The root or the trash, whichever it reaches. */
function topOf(node: string, shown: ReadonlyMap<string, Place>): string | undefined {
  let at = node;
  for (let steps = 0; steps <= shown.size; steps++) {
    const parent = shown.get(at)?.parent;
    if (parent === undefined || parent === TREE_ROOT || parent === TREE_TRASH) return parent;
    at = parent;
  }
  return undefined;
}

/** On a cycle of latest places, or below a parent that nobody placed. */
function isHead(node: string, latest: ReadonlyMap<string, Place>): boolean {
  let at: string | undefined = latest.get(node)?.parent;
  if (at !== TREE_ROOT && at !== TREE_TRASH && at !== undefined && !latest.has(at)) return true;
  for (let steps = 0; steps <= latest.size && at !== undefined; steps++) {
    if (at === node) return true;
    at = latest.get(at)?.parent;
  }
  return false;
}

function childrenOf(places: readonly Place[]): ShownTree {
  const byParent = new Map<string, Place[]>();
  for (const place of places) byParent.set(place.parent, [...(byParent.get(place.parent) ?? []), place]);
  const sortKey = (place: Place): string => sortKeyOf(place.content, place.node);
  const order = (a: Place, b: Place): number => compare(sortKey(a), sortKey(b)) || compare(a.node, b.node);
  return new Map([...byParent].map(([parent, children]) => [parent, children.sort(order).map(({ node }) => node)]));
}

function latestFirst(a: Place, b: Place): number {
  return b.stamp - a.stamp || compareBytes(b.actor, a.actor) || compare(a.node, b.node) || compare(b.parent, a.parent);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
