/**
 * The records of one container that are in memory, over those in the source. A record is loaded when it is first asked
 * for and leaves again by the document's `RecordCache`; a changed one stays until the store has it.
 *
 * Ids are in the order of their UTF-8 bytes, which is that of the store.
 */
import { assert, type ContainerId, EMPTY_BYTES, StoreFailure, Writer } from "../../base/index.ts";
import { cellPrefix, prefixRange } from "../cell-key.ts";
import { type CellKind, decodeCell, encodeCell } from "../cells/cell-kind.ts";
import type { Container, ContainerHost, ContainerWriter, DirtyCell } from "../containers/container.ts";
import { KeyIndex, NO_SLOT } from "../containers/key-index.ts";
import type { RecordEntry, RecordsOwner } from "./record-cache.ts";
import * as record from "./record-cell.ts";
import { empty, join, type RecordCell, writeKey } from "./record-cell.ts";
import { compareIds, mergedPage, type PageOptions, type RecordRow } from "./record-page.ts";
import { SourceGap } from "./source-gap.ts";

const scratch = new Writer();
const kind: CellKind<RecordCell> = record;

export class RecordsContainer implements Container, RecordsOwner {
  readonly id: ContainerId;
  readonly prefix: Uint8Array;
  fieldName: string | undefined;
  writer: ContainerWriter | undefined;
  released = false;
  readonly #host: ContainerHost;
  /** Where the entry of an id is among the entries. */
  readonly #slots = new KeyIndex();
  readonly #entries: (RecordEntry | undefined)[] = [];
  /** Each once, as its mark says. */
  #dirty: RecordEntry[] = [];
  /** Ids whose cell the hash tree lacks. */
  readonly #unhashed = new Set<string>();
  #pinned = 0;
  readonly #gap: SourceGap;
  /** The changed entries by id, for pages; undefined when it must be made again. */
  #changed: readonly RecordEntry[] | undefined;

  constructor(host: ContainerHost, id: ContainerId) {
    this.#host = host;
    this.id = id;
    this.prefix = cellPrefix("records", id);
    this.#gap = new SourceGap(host.source, this.prefix);
  }

  get isPinned(): boolean {
    return this.#pinned > 0;
  }

  /** The record, from memory or the source, a deleted one too; undefined when nothing was ever there. */
  get(id: string): RecordCell | undefined {
    return this.find(id)?.cell;
  }

  find(id: string): RecordEntry | undefined {
    const known = this.#peek(id);
    if (known === undefined) return this.#load(id);
    this.#host.recordCache.hit(known);
    return known;
  }

  /** The entry to write to, which is to be pinned; empty when nothing was ever there. */
  open(id: string): RecordEntry {
    return this.find(id) ?? this.#add(id, undefined, 0);
  }

  /** Lets go of an entry that was pinned to be written to. */
  close(entry: RecordEntry): void {
    this.#changed = undefined;
    this.unpin(entry);
    if (entry.cell !== undefined || entry.pins > 0) return;
    this.#host.recordCache.remove(entry);
    this.evict(entry);
  }

  pin(entry: RecordEntry): void {
    if (entry.pins++ > 0) return;
    this.#changed = undefined;
    this.#pinned++;
    this.#host.recordCache.settle(entry);
  }

  unpin(entry: RecordEntry): void {
    entry.pins--;
    assert(entry.pins >= 0, "a pin is taken out once");
    if (entry.pins > 0) return;
    this.#pinned--;
    this.#host.recordCache.settle(entry);
  }

  /** Joins into a record that was found before, and marks it when it changes. Reads nothing. */
  join(id: string, cell: RecordCell): void {
    const known = this.#peek(id);
    const before = known?.cell;
    const joined = join(before ?? empty, cell);
    if (joined === before) return this.#host.derivation?.onVoid?.(this.id, id);
    const entry = known ?? this.#add(id, undefined, 0);
    entry.cell = joined;
    this.changed(entry, before);
  }

  /** Marks a record as changed, and tells what derives from it. */
  changed(entry: RecordEntry, before: RecordCell | undefined): void {
    const { cell } = entry;
    assert(cell !== undefined, "a record never goes away");
    this.#host.derivation?.onRecord(this.id, entry.id, before, cell);
    this.#changed = undefined;
    if (this.isClean()) this.#host.changed(this);
    if (this.#host.tracksHashes) this.#unhashed.add(entry.id);
    if (entry.isDirty) return;
    entry.isDirty = true;
    this.#dirty.push(entry);
    this.#host.recordCache.settle(entry);
  }

  /** Records that are there, in order of id, from the source with what is in memory laid over it. */
  page(options: PageOptions): RecordRow[] {
    assert(!this.released, "a view is not used after its container was released");
    this.#changed ??= this.#changedEntries();
    return mergedPage(this.#host.source, this.prefix, this.#changed, options, (id, bytes) => {
      return this.#peek(id)?.cell ?? this.#decode(bytes);
    });
  }

  isEmpty(): boolean {
    for (const entry of this.#entries) if (entry?.cell !== undefined) return false;
    for (const _ of this.#host.source.range({ ...prefixRange(this.prefix), limit: 1 })) return false;
    return true;
  }

  evict(entry: RecordEntry): void {
    this.#slots.remove(entry.slot);
    this.#entries[entry.slot] = undefined;
  }

  takeDirty(into: DirtyCell[], table: Uint8Array): void {
    const { recordCache } = this.#host;
    recordCache.hold();
    const take = (key: Uint8Array, value: Uint8Array, entry: RecordEntry): void => {
      into.push({ kind: "put", key, value });
      entry.isDirty = false;
      recordCache.resize(entry, value.length);
    };
    this.#visitEntries(this.#dirty, take, table);
    this.#dirty = [];
    this.#gap.moved();
    this.#changed = undefined;
    recordCache.unhold();
  }

  takeUnhashed(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    for (const id of this.#unhashed) {
      const key = this.#cellKey(id);
      const cell = this.#peek(id)?.cell;
      const value = cell === undefined ? this.#host.unchecked.get(key) : encodeCell(kind, cell);
      assert(value !== undefined, "a changed record is in memory or in the source");
      visit(key, value);
    }
    this.#unhashed.clear();
  }

  visitDirty(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.#visitEntries(this.#dirty, visit);
  }

  isClean(): boolean {
    return this.#dirty.length === 0 && this.#unhashed.size === 0;
  }

  /** The document lets go of the container: nothing of it counts any more. */
  forget(): void {
    for (const entry of this.#entries) if (entry !== undefined) this.#host.recordCache.remove(entry);
    this.#entries.length = 0;
  }

  /** What memory lays over the source, by id. Outside of transactions nothing is pinned, mostly. */
  #changedEntries(): readonly RecordEntry[] {
    const isChanged = (entry: RecordEntry | undefined): entry is RecordEntry =>
      entry !== undefined && (entry.isDirty || entry.pins > 0);
    const entries = this.#pinned === 0 ? [...this.#dirty] : this.#entries.filter(isChanged);
    return entries.sort((a, b) => compareIds(a.id, b.id));
  }

  #visitEntries(
    entries: readonly RecordEntry[],
    visit: (key: Uint8Array, value: Uint8Array, entry: RecordEntry) => void,
    table: Uint8Array = EMPTY_BYTES,
  ): void {
    scratch.reset();
    const start = scratch.raw(table).raw(this.prefix).length;
    for (const entry of entries) {
      assert(entry.cell !== undefined, "a changed record stays in memory");
      scratch.truncate(start);
      writeKey(scratch, entry.id);
      visit(scratch.toPacked(), encodeCell(kind, entry.cell), entry);
    }
  }

  /** What is in memory of an id. */
  #peek(id: string): RecordEntry | undefined {
    const slot = this.#slots.find(id);
    return slot === NO_SLOT ? undefined : this.#entries[slot];
  }

  #load(id: string): RecordEntry | undefined {
    assert(!this.released, "a view is not used after its container was released");
    if (this.#gap.holds(id)) return undefined;
    this.#host.recordCache.miss();
    const source = this.#unhashed.has(id) ? this.#host.unchecked : this.#host.source;
    const bytes = source.get(this.#cellKeyView(id));
    if (bytes !== undefined) return this.#add(id, this.#decode(bytes), bytes.length);
    this.#gap.missed(id);
    return undefined;
  }

  #add(id: string, cell: RecordCell | undefined, encodedBytes: number): RecordEntry {
    const slot = this.#slots.add(id);
    const entry: RecordEntry = {
      id,
      slot,
      cell,
      encodedBytes,
      isDirty: false,
      pins: 0,
      owner: this,
      draft: undefined,
      newer: undefined,
      older: undefined,
    };
    if (slot === this.#entries.length) this.#entries.push(entry);
    else this.#entries[slot] = entry;
    if (cell === undefined) this.#gap.added(id);
    this.#host.recordCache.add(entry);
    return entry;
  }

  #decode(bytes: Uint8Array): RecordCell {
    const cell = decodeCell(kind, bytes, this.#host.intern);
    if (cell === undefined) throw damaged();
    return cell;
  }

  #cellKey(id: string): Uint8Array {
    return this.#cellKeyView(id).slice();
  }

  /** Valid until the next key is made: for a read. */
  #cellKeyView(id: string): Uint8Array {
    scratch.reset();
    writeKey(scratch.raw(this.prefix), id);
    return scratch.view();
  }
}

function damaged(): StoreFailure {
  return new StoreFailure("STORE_CORRUPT", "a stored record is malformed: restore the context from a backup or a peer");
}
