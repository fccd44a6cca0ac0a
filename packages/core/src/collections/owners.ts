/**
 * Whose a container is: a text or a list is known to the document underneath by an id that tells nothing of its record,
 * so a row leads from the one to the other. It is written with the record's child, and goes with it. From what is nested
 * deeper a row leads to the container around it; such a row stays, as the container does, and leads nowhere once the
 * record's child is gone.
 */
import { type ContainerId, type ContextId, idKey, type ReadView, type WriteOperation } from "../base/index.ts";
import { childContainers, type RecordCell } from "../crdt/index.ts";
import { nestedKey, nestedValue, ownerKey, ownerValue } from "./index/rows.ts";
import { OWNER_DEPTH_MAX } from "./limits.ts";

export class Owners {
  readonly #store: ReadView;
  readonly #context: ContextId;
  #rows: WriteOperation[] = [];
  #changed = new Map<string, ContainerId>();

  constructor(store: ReadView, context: ContextId) {
    this.#store = store;
    this.#context = context;
  }

  onRecord(collection: ContainerId, id: string, before: RecordCell | undefined, after: RecordCell): void {
    if (before !== undefined) {
      for (const child of childContainers(collection, id, before, after)) {
        this.#rows.push({ kind: "delete", key: ownerKey(this.#context, child) });
      }
    }
    for (const child of childContainers(collection, id, after, before)) {
      this.#rows.push({ kind: "put", key: ownerKey(this.#context, child), value: ownerValue(collection, id) });
    }
  }

  onNested(parent: ContainerId, nested: readonly ContainerId[]): void {
    for (const child of nested) {
      this.#rows.push({ kind: "put", key: nestedKey(this.#context, child), value: nestedValue(parent) });
    }
  }

  onContainer(id: ContainerId): void {
    this.#changed.set(idKey(id), id);
  }

  takeRows(into: WriteOperation[]): void {
    for (const row of this.#rows) into.push(row);
    this.#rows = [];
  }

  /** The store has the rows already. */
  onForeign(): void {
    this.#rows = [];
  }

  /** The containers that changed since the last take. */
  takeChanged(): readonly ContainerId[] {
    if (this.#changed.size === 0) return [];
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    return changed;
  }

  /** The row that names the document of a container; undefined for one that is no document's. May throw a `Miss`. */
  ownerOf(child: ContainerId): Uint8Array | undefined {
    let at: Uint8Array | undefined = child;
    for (let depth = 0; at !== undefined && depth < OWNER_DEPTH_MAX; depth++) {
      const row = this.#store.get(ownerKey(this.#context, at));
      if (row !== undefined) return row;
      at = this.#store.get(nestedKey(this.#context, at));
    }
    return undefined;
  }
}
