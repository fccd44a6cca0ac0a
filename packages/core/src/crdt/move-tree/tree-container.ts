/** The places of one movable tree, and the tree that they show: made at the first read, followed from then on. */
import type { ContainerId } from "../../base/index.ts";
import { CellContainer } from "../containers/cell-container.ts";
import type { ContainerHost } from "../containers/container.ts";
import * as place from "./place.ts";
import { TreeIndex } from "./tree-index.ts";

export class TreeContainer extends CellContainer<place.PlaceCell> {
  #index: TreeIndex | undefined;

  constructor(host: ContainerHost, id: ContainerId) {
    super(host, place, "tree", id);
  }

  /** The tree as the places in memory show it; loads all of them. */
  tree(): TreeIndex {
    this.#index ??= this.#build();
    return this.#index.settled();
  }

  override put(slot: number, cell: place.PlaceCell | undefined): void {
    super.put(slot, cell);
    this.#index?.replace(this.keyAt(slot), cell);
  }

  #build(): TreeIndex {
    const places: [string, place.PlaceCell][] = [];
    this.visitAll((cell, key) => places.push([key, cell]));
    return TreeIndex.of(places);
  }
}
