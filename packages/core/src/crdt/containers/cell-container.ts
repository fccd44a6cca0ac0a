/**
 * The cells of one container of any type but text, loaded one by one or all at once, and immutable each: replacing a
 * cell is the only change there is, so undoing is putting the previous cell back.
 *
 * A cell lies in a slot, a small number under which an index holds its key, and columns the cell and its marks; a key is
 * looked up once for a write, whatever is then done to its cell. A slot is empty only while a transaction is open that
 * has added it or emptied it: the transaction's log frees it at the end.
 */
import { assert, type ContainerId, EMPTY_BYTES, StoreFailure, Writer } from "../../base/index.ts";
import { CELL_PREFIX_BYTES, cellPrefix, prefixRange } from "../cell-key.ts";
import { type CellColumns, PlainColumns } from "../cells/cell-columns.ts";
import { type CellKind, decodeCell, encodeCell } from "../cells/cell-kind.ts";
import { grownLength } from "../cells/grown-length.ts";
import type { ContainerType } from "../container-type.ts";
import type { Container, ContainerHost, ContainerWriter, DirtyCell } from "./container.ts";
import { KeyIndex, NO_SLOT } from "./key-index.ts";

/** Marks of a slot. */
const DIRTY = 1;
const UNHASHED = 2;
const SLOTS_INITIAL = 8;
/** Of a container none of whose cells has changed. */
const NO_MARKS = new Uint8Array(0);
/** Marks this many times longer than what is used are cut. */
const SLACK_MAX = 4;

/** For cell keys: each begins with the container's prefix, which is written once for a run of them. */
const scratch = new Writer();

export class CellContainer<C> implements Container {
  readonly id: ContainerId;
  readonly prefix: Uint8Array;
  fieldName: string | undefined;
  writer: ContainerWriter | undefined;
  released = false;
  protected readonly host: ContainerHost;
  readonly #kind: CellKind<C>;
  protected readonly index: KeyIndex = new KeyIndex();
  readonly #columns: CellColumns<C>;
  /** By slot; beyond its end no cell has a mark. */
  #marks: Uint8Array = NO_MARKS;
  /** Whether the source holds a cell that is not in memory: unknown at first, and asked once before cell by cell. */
  protected loaded: "unknown" | "some" | "all" = "unknown";
  #dirty: number[] = [];
  #unhashed: number[] = [];

  constructor(
    host: ContainerHost,
    kind: CellKind<C>,
    type: ContainerType,
    id: ContainerId,
    columns: CellColumns<C> = new PlainColumns((cell) => kind.isLive(cell)),
  ) {
    this.host = host;
    this.#kind = kind;
    this.#columns = columns;
    this.id = id;
    this.prefix = cellPrefix(type, id);
  }

  /** The cell, from memory or the source; undefined when nothing was ever there. */
  get(key: string): C | undefined {
    const slot = this.find(key);
    return slot === NO_SLOT ? undefined : this.#columns.get(slot);
  }

  /** The slot of a cell, which is loaded if need be; `NO_SLOT` when nothing was ever there. */
  find(key: string): number {
    const slot = this.index.find(key);
    return slot !== NO_SLOT || this.loaded === "all" ? slot : this.load(key);
  }

  /** Loads the cells of these keys, so that joining into them reads nothing. */
  loadKeys(keys: readonly string[]): void {
    if (this.loaded === "all") return;
    for (const key of keys) this.find(key);
  }

  /** What a slot holds. */
  at(slot: number): C | undefined {
    return this.#columns.get(slot);
  }

  /** Whether a slot holds what `at` gave before. */
  holds(slot: number, cell: C | undefined): boolean {
    return this.#columns.holds(slot, cell);
  }

  keyAt(slot: number): string {
    return this.index.keyAt(slot);
  }

  /** A new and empty slot, for a key that was not found. */
  add(key: string): number {
    return this.index.add(key);
  }

  /** As `add`, with the hash of the key. */
  protected addHashed(key: string, hash: number): number {
    return this.index.addHashed(key, hash);
  }

  /** Replaces what a slot holds, marking nothing: a transaction marks at its commit. */
  put(slot: number, cell: C | undefined): void {
    this.#columns.set(slot, cell);
  }

  /** Lets go of an empty slot; of no other. */
  freeIfEmpty(slot: number): void {
    if (this.#columns.isEmpty(slot)) this.index.remove(slot);
  }

  /** Gives back memory after many slots were let go. */
  trim(): void {
    this.index.trim();
    this.#columns.trim(this.index.slotEnd);
    if (this.#marks.length > Math.max(this.index.slotEnd, SLOTS_INITIAL) * SLACK_MAX) {
      this.#marks = this.#marks.slice(0, Math.max(this.index.slotEnd, SLOTS_INITIAL));
    }
  }

  /** Visits every cell, tombstones included. */
  visitAll(visit: (cell: C, key: string) => void): void {
    this.loadAll();
    for (let slot = 0; slot < this.index.slotEnd; slot++) {
      const cell = this.#columns.get(slot);
      if (cell !== undefined) visit(cell, this.keyAt(slot));
    }
  }

  /** Visits every key, loading no cell. */
  visitKeys(visit: (key: string) => void): void {
    for (let slot = 0; slot < this.index.slotEnd; slot++) if (!this.#columns.isEmpty(slot)) visit(this.keyAt(slot));
    if (this.loaded === "all") return;
    assert(!this.released, "a view is not used after its container was released");
    for (const [cellKey] of this.host.source.range(prefixRange(this.prefix))) {
      const key = this.#kind.bytesToKey(cellKey.subarray(CELL_PREFIX_BYTES));
      if (key === undefined) throw damaged();
      if (this.index.find(key) === NO_SLOT) visit(key);
    }
  }

  /** Whether no cell was ever written, a tombstone either. */
  isEmpty(): boolean {
    for (let slot = 0; slot < this.index.slotEnd; slot++) if (!this.#columns.isEmpty(slot)) return false;
    return this.loaded === "all" || isEmptyRange(this.host, this.prefix);
  }

  /** How many entries show. */
  liveCount(): number {
    this.loadAll();
    return this.#columns.liveCount;
  }

  isLive(cell: C): boolean {
    return this.#kind.isLive(cell);
  }

  /** Joins into a cell that was found or loaded before, and marks it when it changes. Reads nothing. */
  join(key: string, cell: C): void {
    const slot = this.index.find(key);
    const previous = slot === NO_SLOT ? undefined : this.#columns.get(slot);
    const joined = this.#kind.join(previous ?? this.#kind.empty, cell);
    if (joined === previous || joined === this.#kind.empty) return;
    const at = slot === NO_SLOT ? this.add(key) : slot;
    this.put(at, joined);
    this.mark(at);
  }

  /** Marks a cell as changed. */
  mark(slot: number): void {
    if (slot >= this.#marks.length) this.#growMarks(slot);
    const marks = this.#marks[slot] as number;
    if ((marks & DIRTY) === 0) {
      if (this.#dirty.length === 0) this.host.changed(this);
      this.#dirty.push(slot);
      this.#marks[slot] = marks | DIRTY;
    }
    if (!this.host.tracksHashes || (marks & UNHASHED) !== 0) return;
    if (this.#unhashed.length === 0) this.host.changed(this);
    this.#unhashed.push(slot);
    this.#marks[slot] = marks | DIRTY | UNHASHED;
  }

  takeDirty(into: DirtyCell[], table: Uint8Array): void {
    this.#visit(this.#dirty, (key, value) => into.push({ kind: "put", key, value }), table);
    for (const slot of this.#dirty) this.#marks[slot] = (this.#marks[slot] as number) & ~DIRTY;
    this.#dirty = [];
  }

  takeUnhashed(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.#visit(this.#unhashed, visit);
    for (const slot of this.#unhashed) this.#marks[slot] = (this.#marks[slot] as number) & ~UNHASHED;
    this.#unhashed = [];
  }

  visitDirty(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.#visit(this.#dirty, visit);
  }

  isClean(): boolean {
    return this.#dirty.length === 0 && this.#unhashed.length === 0;
  }

  /** Loads a cell that is not in memory from the source, if it is there; gives its slot. */
  protected load(key: string): number {
    assert(!this.released, "a view is not used after its container was released");
    if (this.loaded === "unknown") {
      this.loaded = isEmptyRange(this.host, this.prefix) ? "all" : "some";
      if (this.loaded === "all") return NO_SLOT;
    }
    scratch.reset();
    this.#kind.writeKey(scratch.raw(this.prefix), key);
    const bytes = this.host.source.get(scratch.toBytes());
    return bytes === undefined ? NO_SLOT : this.#admit(key, bytes);
  }

  /** Loads every cell. */
  loadAll(): void {
    if (this.loaded === "all") return;
    assert(!this.released, "a view is not used after its container was released");
    for (const [cellKey, bytes] of this.host.source.range(prefixRange(this.prefix))) {
      const key = this.#kind.bytesToKey(cellKey.subarray(CELL_PREFIX_BYTES));
      if (key === undefined) throw damaged();
      if (this.index.find(key) === NO_SLOT) this.#admit(key, bytes);
    }
    this.loaded = "all";
  }

  #visit(
    slots: readonly number[],
    visit: (key: Uint8Array, value: Uint8Array) => void,
    table: Uint8Array = EMPTY_BYTES,
  ): void {
    scratch.reset();
    const start = scratch.raw(table).raw(this.prefix).length;
    for (const slot of slots) {
      const cell = this.#columns.get(slot);
      assert(cell !== undefined, "a changed cell stays in memory");
      scratch.truncate(start);
      this.#kind.writeKey(scratch, this.keyAt(slot));
      visit(scratch.toPacked(), encodeCell(this.#kind, cell));
    }
  }

  #admit(key: string, bytes: Uint8Array): number {
    const cell = decodeCell(this.#kind, bytes, this.host.intern);
    if (cell === undefined) throw damaged();
    const slot = this.add(key);
    this.put(slot, cell);
    return slot;
  }

  #growMarks(slot: number): void {
    const grown = new Uint8Array(grownLength(this.#marks.length, slot + 1));
    grown.set(this.#marks);
    this.#marks = grown;
  }
}

function isEmptyRange(host: ContainerHost, prefix: Uint8Array): boolean {
  for (const _ of host.source.range({ ...prefixRange(prefix), limit: 1 })) return false;
  return true;
}

function damaged(): StoreFailure {
  return new StoreFailure("STORE_CORRUPT", "a stored cell is malformed: restore the context from a backup or a peer");
}
