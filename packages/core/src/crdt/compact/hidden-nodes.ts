/**
 * The nodes of a movable tree that are not shown: in the trash, or below what is. Their places are tombstones. No shown
 * node hangs by one of them: what is shown is so through parents that are shown. While a cycle stands that is not so,
 * since which of its nodes is shown elsewhere is found among the places of all; then none counts as hidden.
 */
import { idKey, idKeyToBytes, StoreFailure, utf8 } from "../../base/index.ts";
import * as place from "../move-tree/place.ts";
import { TreeIndex } from "../move-tree/tree-index.ts";
import { decodeStored } from "./remains.ts";

export interface HiddenNodes {
  /** Entry keys of their places, as `idKey` makes them. */
  readonly places: readonly string[];
  readonly nodes: ReadonlySet<string>;
}

/** Of all cells of a tree, by entry key. */
export function hiddenNodes(cells: ReadonlyMap<string, Uint8Array>): HiddenNodes {
  const keyed: [string, string, place.PlaceCell][] = [];
  for (const [entryKey, bytes] of cells) {
    const key = place.bytesToKey(idKeyToBytes(entryKey));
    if (key === undefined) throw new StoreFailure("STORE_CORRUPT", "a stored place is malformed: restore a backup");
    keyed.push([entryKey, key, decodeStored(place, bytes)]);
  }
  const tree = TreeIndex.of(keyed.map(([, key, cell]) => [key, cell] as const)).settled();
  const places: string[] = [];
  const nodes = new Set<string>();
  if (tree.isAstray) return { places, nodes };
  for (const [entryKey, key] of keyed) {
    const { node } = place.parsePlaceKey(key);
    const found = tree.find(node);
    if (found !== undefined && tree.topOf(found) === tree.root) continue;
    places.push(entryKey);
    nodes.add(idKey(utf8(node)));
  }
  return { places, nodes };
}
