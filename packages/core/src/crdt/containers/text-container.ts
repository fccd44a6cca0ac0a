/**
 * One text container: the sequence as the plug-in holds it, and those of its changed blocks that the source does not
 * have yet. A transaction that first touches a text has its earlier changes set aside here as blocks, so that a
 * rollback may drop the sequence and load it again: what was committed survives, what was not is gone.
 */
import { assert, type ContainerId, concatBytes, idKey, idKeyToBytes, must, StoreFailure } from "../../base/index.ts";
import { CELL_PREFIX_BYTES, cellPrefix, parseTextBlockKey, prefixRange, textBlockKey } from "../cell-key.ts";
import type { TextBlock, TextPlugin, TextSequence } from "../text-plugin.ts";
import type { Container, ContainerHost, ContainerWriter, DirtyCell } from "./container.ts";

export class TextContainer implements Container {
  readonly id: ContainerId;
  readonly prefix: Uint8Array;
  fieldName: string | undefined;
  writer: ContainerWriter | undefined;
  released = false;
  readonly #host: ContainerHost;
  readonly #plugin: TextPlugin;
  #sequence: TextSequence | undefined;
  /** Whether the sequence may have changed blocks that were not set aside. */
  #hasFresh = false;
  /** Changed blocks by entry key, not yet taken for the store. */
  readonly #dirty = new Map<string, Uint8Array>();
  readonly #unhashed = new Map<string, Uint8Array>();

  constructor(host: ContainerHost, plugin: TextPlugin, id: ContainerId) {
    this.#host = host;
    this.#plugin = plugin;
    this.id = id;
    this.prefix = cellPrefix("text", id);
  }

  /** The sequence, loaded if need be. */
  sequence(): TextSequence {
    this.#sequence ??= this.#load();
    return this.#sequence;
  }

  /** Whether no text shows. */
  isEmpty(): boolean {
    return this.sequence().length === 0;
  }

  /** Sets aside what changed before, so that `drop` loses nothing of it. Called before a transaction's first edit. */
  keep(): void {
    if (!this.#hasFresh) return;
    this.#hasFresh = false;
    for (const { actor, block, bytes } of this.sequence().takeDirty()) {
      const key = idKey(textBlockKey(actor, block));
      this.#dirty.set(key, bytes);
      if (this.#host.tracksHashes) this.#unhashed.set(key, bytes);
    }
  }

  /** Forgets every edit since `keep`. */
  drop(): void {
    this.#sequence = undefined;
    this.#hasFresh = false;
  }

  /** Marks the sequence as changed. */
  mark(): void {
    this.#hasFresh = true;
    this.#host.changed(this);
  }

  takeDirty(into: DirtyCell[]): void {
    this.visitDirty((key, value) => into.push({ key, value }));
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

  #load(): TextSequence {
    assert(!this.released, "a view is not used after its container was released");
    const loaded = this.#plugin.load(this.#blocks());
    if (!loaded.ok) throw new StoreFailure("STORE_CORRUPT", `a stored text is damaged: ${loaded.error.message}`);
    return loaded.value;
  }

  #blocks(): TextBlock[] {
    const blocks: TextBlock[] = [];
    for (const [cellKey, bytes] of this.#host.source.range(prefixRange(this.prefix))) {
      const entryKey = cellKey.slice(CELL_PREFIX_BYTES);
      const place = parseTextBlockKey(entryKey);
      if (place === undefined) throw new StoreFailure("STORE_CORRUPT", "a stored text block has no place");
      if (!this.#dirty.has(idKey(entryKey))) blocks.push({ ...place, bytes: bytes.slice() });
    }
    for (const [key, bytes] of this.#dirty) {
      blocks.push({ ...must(parseTextBlockKey(idKeyToBytes(key)), "a block key that was made here"), bytes });
    }
    return blocks;
  }

  #cellKey(key: string): Uint8Array {
    return concatBytes(this.prefix, idKeyToBytes(key));
  }
}
