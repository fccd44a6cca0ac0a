/**
 * One container whose state is loaded as a whole and kept in blocks: a text or a list. It holds the state, those of its
 * changed blocks that the source does not have yet, and the latest joins, whose blocks are not encoded yet.
 *
 * Invariant: source, changed blocks and latest joins together are what was committed and applied. So a rollback drops
 * the state, to be loaded again, and an edit encodes nothing: that is done when somebody asks for the blocks.
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
import type { Intern, Origin } from "../origin.ts";
import type { Container, ContainerHost, ContainerWriter, DirtyCell } from "./container.ts";

/** So many joins are kept before their blocks are encoded: what loading after a rollback repeats. */
const LATEST_JOINS_MAX = 256;

/** What a kind of state does with joins, and with blocks; here they go by their entry keys. */
export interface BlockKind<S, J> {
  /** Refuses blocks that are malformed or do not fit together. */
  load(blocks: readonly Entry[], intern: Intern): Result<S>;
  /** The blocks that changed since the last take. */
  takeDirty(state: S): Iterable<Entry>;
  isEmpty(state: S): boolean;
  /** Takes joins in again that it has accepted before. */
  repeat(state: S, joins: J, origin: Origin): void;
}

interface Committed<J> {
  readonly joins: J;
  readonly origin: Origin;
}

export class BlockContainer<S, J> implements Container {
  readonly id: ContainerId;
  readonly prefix: Uint8Array;
  fieldName: string | undefined;
  writer: ContainerWriter | undefined;
  released = false;
  readonly #host: ContainerHost;
  readonly #kind: BlockKind<S, J>;
  #state: S | undefined;
  /** Joins of the state since its blocks were last encoded. */
  #latest: Committed<J>[] = [];
  /** Changed blocks by entry key, not yet taken for the store. */
  readonly #dirty = new Map<string, Uint8Array>();
  readonly #unhashed = new Map<string, Uint8Array>();

  constructor(host: ContainerHost, kind: BlockKind<S, J>, type: ContainerType, id: ContainerId) {
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

  /** Forgets the edits of the open transaction. */
  drop(): void {
    this.#state = undefined;
  }

  /** The state has these joins, which were just committed or applied. */
  mark(joins: J, origin: Origin): void {
    this.#latest.push({ joins, origin });
    if (this.#latest.length === LATEST_JOINS_MAX) this.#encodeLatest();
    this.#host.changed(this);
  }

  takeDirty(into: DirtyCell[], table: Uint8Array): void {
    this.visitDirty((key, value) => into.push({ kind: "put", key: concatBytes(table, key), value }));
    this.#dirty.clear();
  }

  takeUnhashed(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.#encodeLatest();
    for (const [key, bytes] of this.#unhashed) visit(this.#cellKey(key), bytes);
    this.#unhashed.clear();
  }

  visitDirty(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.#encodeLatest();
    for (const [key, bytes] of this.#dirty) visit(this.#cellKey(key), bytes);
  }

  isClean(): boolean {
    return this.#latest.length === 0 && this.#dirty.size === 0 && this.#unhashed.size === 0;
  }

  #load(): S {
    assert(!this.released, "a view is not used after its container was released");
    const loaded = this.#kind.load(this.#blocks(), this.#host.intern);
    if (!loaded.ok) throw new StoreFailure("STORE_CORRUPT", `a stored container is damaged: ${loaded.error.message}`);
    for (const { joins, origin } of this.#latest) this.#kind.repeat(loaded.value, joins, origin);
    return loaded.value;
  }

  /** Encodes the blocks that the latest joins have changed. */
  #encodeLatest(): void {
    if (this.#latest.length === 0) return;
    for (const [entryKey, bytes] of this.#kind.takeDirty(this.state())) {
      const key = idKey(entryKey);
      this.#dirty.set(key, bytes);
      if (this.#host.tracksHashes) this.#unhashed.set(key, bytes);
    }
    this.#latest = [];
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
