/** The vertices and edges of one graph, and the index over them: made at the first read, followed from then on. */
import type { ContainerId } from "../../base/index.ts";
import type { CellKind } from "../cells/cell-kind.ts";
import type { ContainerType } from "../container-type.ts";
import { CellContainer } from "../containers/cell-container.ts";
import type { ContainerHost } from "../containers/container.ts";
import { GraphIndex } from "./graph-index.ts";

/** In memory the key of text is the text behind one character. */
const KEY_PREFIX_CHARS = 1;

export class GraphContainer<C> extends CellContainer<C> {
  #index: GraphIndex | undefined;

  constructor(host: ContainerHost, kind: CellKind<C>, type: ContainerType, id: ContainerId) {
    super(host, kind, type, id);
  }

  /** The graph as the cells in memory show it; loads all of them. */
  graph(): GraphIndex {
    this.#index ??= this.#build();
    return this.#index;
  }

  override put(slot: number, cell: C | undefined): void {
    super.put(slot, cell);
    this.#index?.replace(this.keyAt(slot).slice(KEY_PREFIX_CHARS), cell !== undefined && this.isLive(cell));
  }

  #build(): GraphIndex {
    const index = new GraphIndex();
    this.visitAll((cell, key) => index.replace(key.slice(KEY_PREFIX_CHARS), this.isLive(cell)));
    return index;
  }
}

/** The keys of all edges at the vertex of a key in memory; none where it is no vertex, and the container no graph. */
export function edgesAtVertex(container: CellContainer<unknown>, key: string): string[] {
  return container instanceof GraphContainer ? container.graph().edgesAt(key.slice(KEY_PREFIX_CHARS)) : [];
}
