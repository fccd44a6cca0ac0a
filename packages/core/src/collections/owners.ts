/**
 * Whose a container is: a text or a list is known to the document underneath by an id that tells nothing of its record,
 * so a row leads from the one to the other. It is written with the record's child, and goes with it.
 */
import { type ContainerId, type ContextId, idKey, type ReadView, type WriteOperation } from "../base/index.ts";
import { childContainers, type RecordCell } from "../crdt/index.ts";
import { ownerKey, ownerValue } from "./index/rows.ts";

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

  /** The row of a container; undefined for one that is no document's. May throw a `Miss`. */
  ownerOf(child: ContainerId): Uint8Array | undefined {
    return this.#store.get(ownerKey(this.#context, child));
  }
}
