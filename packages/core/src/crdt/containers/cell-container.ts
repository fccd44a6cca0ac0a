/**
 * The cells of one container of any type but text, loaded one by one or all at once, and immutable each: replacing a
 * cell is the only change there is, so undoing is putting the previous cell back.
 */
import { assert, type ContainerId, concatBytes, StoreFailure } from "../../base/index.ts";
import { CELL_PREFIX_BYTES, cellPrefix, prefixRange } from "../cell-key.ts";
import { type CellKind, decodeCell, encodeCell } from "../cells/cell-kind.ts";
import type { ContainerType } from "../container-type.ts";
import type { Container, ContainerHost, DirtyCell } from "./container.ts";

export class CellContainer<C> implements Container {
  readonly id: ContainerId;
  readonly prefix: Uint8Array;
  fieldName: string | undefined;
  released = false;
  readonly #kind: CellKind<C>;
  readonly #host: ContainerHost;
  readonly #cells = new Map<string, C>();
  /** Whether the source holds a cell that is not in memory: unknown at first, and asked once before cell by cell. */
  #loaded: "unknown" | "some" | "all" = "unknown";
  /** Of the cells in memory. */
  #liveCount = 0;
  readonly #dirty = new Set<string>();
  readonly #unhashed = new Set<string>();

  constructor(host: ContainerHost, kind: CellKind<C>, type: ContainerType, id: ContainerId) {
    this.#host = host;
    this.#kind = kind;
    this.id = id;
    this.prefix = cellPrefix(type, id);
  }

  /** The cell, from memory or the source; undefined when nothing was ever there. */
  get(key: string): C | undefined {
    const cell = this.#cells.get(key);
    if (cell !== undefined || this.#loaded === "all") return cell;
    return this.#load(key);
  }

  /** The cell in memory, which is the present one whenever it was got before. Reads nothing. */
  held(key: string): C | undefined {
    return this.#cells.get(key);
  }

  /** Every cell by its key, tombstones included. */
  all(): ReadonlyMap<string, C> {
    this.#loadAll();
    return this.#cells;
  }

  /** Whether no cell was ever written, a tombstone either. */
  isEmpty(): boolean {
    if (this.#cells.size > 0) return false;
    return this.#loaded === "all" || isEmptyRange(this.#host, this.prefix);
  }

  /** How many entries show. */
  liveCount(): number {
    this.#loadAll();
    return this.#liveCount;
  }

  isLive(cell: C): boolean {
    return this.#kind.isLive(cell);
  }

  /** Replaces a cell that was got before, marking nothing: a transaction marks at its commit. */
  put(key: string, cell: C | undefined, previous: C | undefined): void {
    if (previous !== undefined && this.#kind.isLive(previous)) this.#liveCount--;
    if (cell === undefined) {
      this.#cells.delete(key);
      return;
    }
    this.#cells.set(key, cell);
    if (this.#kind.isLive(cell)) this.#liveCount++;
  }

  /** Joins into a cell that was got before, and marks it when it changes. */
  join(key: string, cell: C): void {
    const previous = this.#cells.get(key);
    const joined = this.#kind.join(previous ?? this.#kind.empty, cell);
    if (joined === previous || joined === this.#kind.empty) return;
    this.put(key, joined, previous);
    this.mark(key);
  }

  /** Marks a cell as changed. */
  mark(key: string): void {
    if (this.#dirty.size === 0) this.#host.changed(this);
    this.#dirty.add(key);
    if (!this.#host.tracksHashes) return;
    if (this.#unhashed.size === 0) this.#host.changed(this);
    this.#unhashed.add(key);
  }

  takeDirty(into: DirtyCell[]): void {
    this.visitDirty((key, value) => into.push({ key, value }));
    this.#dirty.clear();
  }

  takeUnhashed(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.#visit(this.#unhashed, visit);
    this.#unhashed.clear();
  }

  visitDirty(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.#visit(this.#dirty, visit);
  }

  isClean(): boolean {
    return this.#dirty.size === 0 && this.#unhashed.size === 0;
  }

  #visit(keys: ReadonlySet<string>, visit: (key: Uint8Array, value: Uint8Array) => void): void {
    for (const key of keys) {
      const cell = this.#cells.get(key);
      assert(cell !== undefined, "a changed cell stays in memory");
      visit(this.#cellKey(key), encodeCell(this.#kind, cell));
    }
  }

  #load(key: string): C | undefined {
    assert(!this.released, "a view is not used after its container was released");
    if (this.#loaded === "unknown") {
      this.#loaded = isEmptyRange(this.#host, this.prefix) ? "all" : "some";
      if (this.#loaded === "all") return undefined;
    }
    const bytes = this.#host.source.get(this.#cellKey(key));
    if (bytes === undefined) return undefined;
    return this.#admit(key, bytes);
  }

  #loadAll(): void {
    if (this.#loaded === "all") return;
    assert(!this.released, "a view is not used after its container was released");
    for (const [cellKey, bytes] of this.#host.source.range(prefixRange(this.prefix))) {
      const key = this.#kind.bytesToKey(cellKey.slice(CELL_PREFIX_BYTES));
      if (key === undefined) throw damaged();
      if (!this.#cells.has(key)) this.#admit(key, bytes);
    }
    this.#loaded = "all";
  }

  #admit(key: string, bytes: Uint8Array): C {
    const cell = decodeCell(this.#kind, bytes, this.#host.intern);
    if (cell === undefined) throw damaged();
    this.put(key, cell, undefined);
    return cell;
  }

  #cellKey(key: string): Uint8Array {
    return concatBytes(this.prefix, this.#kind.keyToBytes(key));
  }
}

function isEmptyRange(host: ContainerHost, prefix: Uint8Array): boolean {
  for (const _ of host.source.range({ ...prefixRange(prefix), limit: 1 })) return false;
  return true;
}

function damaged(): StoreFailure {
  return new StoreFailure("STORE_CORRUPT", "a stored cell is malformed: restore the context from a backup or a peer");
}
