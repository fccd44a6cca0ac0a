/**
 * The hash tree of a document that has none yet. From every cell, once; or, over stored pages, from the cells that may
 * have changed since they were written.
 */
import { type ContainerId, concatBytes, type Entry } from "../../base/index.ts";
import { ALL_CELLS, cellPrefix, prefixRange } from "../cell-key.ts";
import type { ContainerType } from "../container-type.ts";
import type { CellSource } from "../containers/container.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { DEFINITIONS } from "../types/definitions.ts";
import { HashTree, type StoredPages } from "./hash-tree.ts";

/** Pages that hold the tree of an earlier state, and what was joined since. */
export interface StoredHashes extends StoredPages {
  /** The joins blobs of the deltas that are in the cells and not in the pages; more of them do no harm. */
  changes(): Iterable<Uint8Array>;
}

/** Reads every stored page and throws `STORE_CORRUPT` at the first that is not what its parent says. */
export function verifyPages(pages: StoredPages): void {
  new HashTree(pages).verify();
}

/** Reads all cells; where a read misses, the next run goes on from there. */
export class TreeBuilder {
  readonly #tree = new HashTree();
  /** Changed before the beginning, and laid over what is read. */
  readonly #overlay: readonly Entry[];
  #from: Uint8Array = ALL_CELLS.gte;

  constructor(overlay: readonly Entry[]) {
    this.#overlay = overlay;
  }

  run(source: CellSource): HashTree {
    for (const [key, value] of source.range({ ...ALL_CELLS, gte: this.#from })) {
      this.#tree.set(key, value);
      // The least key above this one.
      this.#from = concatBytes(key, Uint8Array.of(0));
    }
    for (const [key, value] of this.#overlay) this.#tree.set(key, value);
    return this.#tree;
  }
}

/** The cells, as the source has them, that a container's joins may have touched; of most types all of the container. */
export function* touchedCells(source: CellSource, id: ContainerId, container: ContainerJoins): Iterable<Entry> {
  const prefix = cellPrefix(container.type, id);
  const keys = entryKeys(container);
  if (keys === undefined) {
    yield* source.range(prefixRange(prefix));
    return;
  }
  for (const key of keys) {
    const cellKey = concatBytes(prefix, key);
    const value = source.get(cellKey);
    if (value !== undefined) yield [cellKey, value];
  }
}

function entryKeys<T extends ContainerType>({ type, joins }: ContainerJoins<T>): Uint8Array[] | undefined {
  return DEFINITIONS[type].entryKeys?.(joins);
}
