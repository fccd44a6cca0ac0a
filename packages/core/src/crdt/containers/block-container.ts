/**
 * One container whose state is loaded as a whole and kept in blocks: a text or a list. It holds the state and those of
 * its changed blocks that the source does not have yet. A transaction that first touches it has its earlier changes set
 * aside here as blocks, so that a rollback may drop the state and load it again: what was committed survives, what was
 * not is gone.
 */
import {
  assert,
  type ContainerId,
  concatBytes,
  type Entry,
  idKey,
  idKeyToBytes,
  type Result,
  StoreFailure,
} from "../../base/index.ts";
import { CELL_PREFIX_BYTES, cellPrefix, prefixRange } from "../cell-key.ts";
import type { ContainerType } from "../container-type.ts";
import type { Intern } from "../origin.ts";
import type { Container, ContainerHost, ContainerWriter, DirtyCell } from "./container.ts";

/** What a kind of state does with blocks; here they go by their entry keys. */
export interface BlockKind<S> {
  /** Refuses blocks that are malformed or do not fit together. */
  load(blocks: readonly Entry[], intern: Intern): Result<S>;
  /** The blocks that changed since the last take. */
  takeDirty(state: S): Iterable<Entry>;
  isEmpty(state: S): boolean;
}

export class BlockContainer<S> implements Container {
  readonly id: ContainerId;
  readonly prefix: Uint8Array;
  fieldName: string | undefined;
  writer: ContainerWriter | undefined;
  released = false;
  readonly #host: ContainerHost;
  readonly #kind: BlockKind<S>;
  #state: S | undefined;
  /** Whether the state may have changed blocks that were not set aside. */
  #hasFresh = false;
  /** Changed blocks by entry key, not yet taken for the store. */
  readonly #dirty = new Map<string, Uint8Array>();
  readonly #unhashed = new Map<string, Uint8Array>();

  constructor(host: ContainerHost, kind: BlockKind<S>, type: ContainerType, id: ContainerId) {
    this.#host = host;
    this.#kind = kind;
    this.id = id;
    this.prefix = cellPrefix(type, id);
  }

  /** The state, loaded if need be. */
  state(): S {
    this.#state ??= this.#load();
    return this.#state;
  }

  /** Whether nothing shows. */
  isEmpty(): boolean {
    return this.#kind.isEmpty(this.state());
  }

  /** Sets aside what changed before, so that `drop` loses nothing of it. Called before a transaction's first edit. */
  keep(): void {
    if (!this.#hasFresh) return;
    this.#hasFresh = false;
    for (const [entryKey, bytes] of this.#kind.takeDirty(this.state())) {
      const key = idKey(entryKey);
      this.#dirty.set(key, bytes);
      if (this.#host.tracksHashes) this.#unhashed.set(key, bytes);
    }
  }

  /** Forgets every edit since `keep`. */
  drop(): void {
    this.#state = undefined;
    this.#hasFresh = false;
  }

  /** Marks the state as changed. */
  mark(): void {
    this.#hasFresh = true;
    this.#host.changed(this);
  }

  takeDirty(into: DirtyCell[], table: Uint8Array): void {
    this.visitDirty((key, value) => into.push({ kind: "put", key: concatBytes(table, key), value }));
    this.#dirty.clear();
  }

  takeUnhashed(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.keep();
    for (const [key, bytes] of this.#unhashed) visit(this.#cellKey(key), bytes);
    this.#unhashed.clear();
  }

  visitDirty(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.keep();
    for (const [key, bytes] of this.#dirty) visit(this.#cellKey(key), bytes);
  }

  isClean(): boolean {
    return !this.#hasFresh && this.#dirty.size === 0 && this.#unhashed.size === 0;
  }

  #load(): S {
    assert(!this.released, "a view is not used after its container was released");
    const loaded = this.#kind.load(this.#blocks(), this.#host.intern);
    if (!loaded.ok) throw new StoreFailure("STORE_CORRUPT", `a stored container is damaged: ${loaded.error.message}`);
    return loaded.value;
  }

  #blocks(): Entry[] {
    const blocks: Entry[] = [];
    for (const [cellKey, bytes] of this.#host.source.range(prefixRange(this.prefix))) {
      const entryKey = cellKey.slice(CELL_PREFIX_BYTES);
      if (!this.#dirty.has(idKey(entryKey))) blocks.push([entryKey, bytes.slice()]);
    }
    for (const [key, bytes] of this.#dirty) blocks.push([idKeyToBytes(key), bytes]);
    return blocks;
  }

  #cellKey(key: string): Uint8Array {
    return concatBytes(this.prefix, idKeyToBytes(key));
  }
}
