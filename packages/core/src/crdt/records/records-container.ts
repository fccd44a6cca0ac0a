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
import type { RecordsOwner } from "./record-cache.ts";
import * as record from "./record-cell.ts";
import { empty, join, type RecordCell, writeKey } from "./record-cell.ts";
import { compareIds, mergedPage, type PageOptions, type RecordRow } from "./record-page.ts";
import { RecordSlots } from "./record-slots.ts";
import { SourceGap } from "./source-gap.ts";

const scratch = new Writer();
const kind: CellKind<RecordCell> = record;

/** A record that memory lays over the source, as it is when it is asked for. */
class Changed {
  readonly id: string;
  readonly #records: RecordSlots;
  readonly #slot: number;

  constructor(id: string, records: RecordSlots, slot: number) {
    this.id = id;
    this.#records = records;
    this.#slot = slot;
  }

  get cell(): RecordCell | undefined {
    return this.#records.cellAt(this.#slot);
  }
}

export class RecordsContainer implements Container, RecordsOwner {
  readonly id: ContainerId;
  readonly prefix: Uint8Array;
  fieldName: string | undefined;
  writer: ContainerWriter | undefined;
  released = false;
  /** What is in memory, by the slot of the id. */
  records: RecordSlots = new RecordSlots();
  readonly #host: ContainerHost;
  #slots = new KeyIndex();
  /** Each slot once, as its mark says. */
  #dirty: number[] = [];
  /** Ids whose cell the hash tree lacks. */
  readonly #unhashed = new Set<string>();
  readonly #gap: SourceGap;
  /** The changed records by id, for pages; undefined when it must be made again. */
  #changed: readonly Changed[] | undefined;

  constructor(host: ContainerHost, id: ContainerId) {
    this.#host = host;
    this.id = id;
    this.prefix = cellPrefix("records", id);
    this.#gap = new SourceGap(host.source, this.prefix);
    host.recordCache.join(this);
  }

  get isPinned(): boolean {
    return this.records.held > 0;
  }

  /** The record, from memory or the source, a deleted one too; undefined when nothing was ever there. */
  get(id: string): RecordCell | undefined {
    const slot = this.find(id);
    return slot === NO_SLOT ? undefined : this.records.cellAt(slot);
  }

  /** The slot of a record, which is loaded if need be; `NO_SLOT` when nothing was ever there. */
  find(id: string): number {
    const slot = this.#slots.find(id);
    if (slot === NO_SLOT) return this.#load(id);
    this.#host.recordCache.hit();
    this.records.use(slot);
    return slot;
  }

  /** The slot to write to, which the transaction drafts; empty when nothing was ever there. */
  open(id: string): number {
    const slot = this.find(id);
    return slot === NO_SLOT ? this.#add(id, undefined, 0) : slot;
  }

  idAt(slot: number): string {
    return this.#slots.keyAt(slot);
  }

  /** A transaction writes in a record, which stays until it is closed. */
  draft(slot: number): void {
    this.#changed = undefined;
    this.records.setDrafted(slot, true);
  }

  /** The transaction has ended. */
  close(slot: number): void {
    this.#changed = undefined;
    this.records.setDrafted(slot, false);
    if (this.records.cellAt(slot) === undefined) this.evict(slot);
    else this.#host.recordCache.trim();
  }

  pin(slot: number): void {
    this.records.pin(slot);
  }

  unpin(slot: number): void {
    // The pins of a container that was let go went with it.
    if (this.released) return;
    this.records.unpin(slot);
    this.#host.recordCache.trim();
  }

  /** Joins into a record that was found before, and marks it when it changes. Reads nothing. */
  join(id: string, cell: RecordCell): void {
    const known = this.#slots.find(id);
    const before = known === NO_SLOT ? undefined : this.records.cellAt(known);
    const joined = join(before ?? empty, cell);
    if (joined === before) return this.#host.derivation?.onVoid?.(this.id, id);
    const slot = known === NO_SLOT ? this.#add(id, undefined, 0) : known;
    this.records.put(slot, joined);
    this.changed(slot, before);
  }

  /** Marks a record as changed, and tells what derives from it. */
  changed(slot: number, before: RecordCell | undefined): void {
    const cell = this.records.cellAt(slot);
    assert(cell !== undefined, "a record never goes away");
    const id = this.idAt(slot);
    this.#host.derivation?.onRecord(this.id, id, before, cell);
    this.#changed = undefined;
    if (this.isClean()) this.#host.changed(this);
    if (this.#host.tracksHashes) this.#unhashed.add(id);
    if (this.records.isDirty(slot)) return;
    this.records.setDirty(slot, true);
    this.#dirty.push(slot);
  }

  /** Records that are there, in order of id, from the source with what is in memory laid over it. */
  page(options: PageOptions): RecordRow[] {
    assert(!this.released, "a view is not used after its container was released");
    this.#changed ??= this.#changedRecords();
    return mergedPage(this.#host.source, this.prefix, this.#changed, options, (id, bytes) => {
      return this.#peek(id) ?? this.#decode(bytes);
    });
  }

  isEmpty(): boolean {
    for (let slot = 0; slot < this.records.end; slot++) if (this.records.cellAt(slot) !== undefined) return false;
    for (const _ of this.#host.source.range({ ...prefixRange(this.prefix), limit: 1 })) return false;
    return true;
  }

  evict(slot: number): void {
    this.#host.recordCache.charge(-1, -this.records.bytesAt(slot));
    this.records.free(slot);
    this.#slots.remove(slot);
  }

  takeDirty(into: DirtyCell[], table: Uint8Array): void {
    const { recordCache } = this.#host;
    const take = (key: Uint8Array, value: Uint8Array, slot: number): void => {
      into.push({ kind: "put", key, value });
      this.records.setDirty(slot, false);
      recordCache.charge(0, value.length - this.records.bytesAt(slot));
      this.records.setBytes(slot, value.length);
    };
    this.#visitSlots(this.#dirty, take, table);
    this.#dirty = [];
    this.#gap.moved();
    this.#changed = undefined;
    recordCache.trim();
  }

  takeUnhashed(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    for (const id of this.#unhashed) {
      const key = this.#cellKey(id);
      const cell = this.#peek(id);
      const value = cell === undefined ? this.#host.unchecked.get(key) : encodeCell(kind, cell);
      assert(value !== undefined, "a changed record is in memory or in the source");
      visit(key, value);
    }
    this.#unhashed.clear();
  }

  visitDirty(visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.#visitSlots(this.#dirty, visit);
  }

  isClean(): boolean {
    return this.#dirty.length === 0 && this.#unhashed.size === 0;
  }

  /** The document lets go of the container: nothing of it counts any more. */
  forget(): void {
    const { recordCache } = this.#host;
    for (let slot = 0; slot < this.#slots.slotEnd; slot++) {
      if (this.#slots.isTaken(slot)) recordCache.charge(-1, -this.records.bytesAt(slot));
    }
    recordCache.leave(this);
    this.#slots = new KeyIndex();
    this.records = new RecordSlots();
  }

  /** What memory lays over the source, by id. */
  #changedRecords(): readonly Changed[] {
    const changed: Changed[] = [];
    if (this.records.held === 0) for (const slot of this.#dirty) changed.push(this.#changedAt(slot));
    else {
      for (let slot = 0; slot < this.records.end; slot++) {
        if (this.records.isDirty(slot) || this.records.isDrafted(slot)) changed.push(this.#changedAt(slot));
      }
    }
    return changed.sort((a, b) => compareIds(a.id, b.id));
  }

  #changedAt(slot: number): Changed {
    return new Changed(this.idAt(slot), this.records, slot);
  }

  #visitSlots(
    slots: readonly number[],
    visit: (key: Uint8Array, value: Uint8Array, slot: number) => void,
    table: Uint8Array = EMPTY_BYTES,
  ): void {
    scratch.reset();
    const start = scratch.raw(table).raw(this.prefix).length;
    for (const slot of slots) {
      const cell = this.records.cellAt(slot);
      assert(cell !== undefined, "a changed record stays in memory");
      scratch.truncate(start);
      writeKey(scratch, this.idAt(slot));
      visit(scratch.toPacked(), encodeCell(kind, cell), slot);
    }
  }

  /** What is in memory of an id. */
  #peek(id: string): RecordCell | undefined {
    const slot = this.#slots.find(id);
    return slot === NO_SLOT ? undefined : this.records.cellAt(slot);
  }

  #load(id: string): number {
    assert(!this.released, "a view is not used after its container was released");
    if (this.#gap.holds(id)) return NO_SLOT;
    this.#host.recordCache.miss();
    const source = this.#unhashed.has(id) ? this.#host.unchecked : this.#host.source;
    const bytes = source.get(this.#cellKeyView(id));
    if (bytes !== undefined) return this.#add(id, this.#decode(bytes), bytes.length);
    this.#gap.missed(id);
    return NO_SLOT;
  }

  /** Others make room for it before it may go itself. */
  #add(id: string, cell: RecordCell | undefined, encodedBytes: number): number {
    const { recordCache } = this.#host;
    recordCache.charge(1, encodedBytes);
    recordCache.trim();
    const slot = this.#slots.add(id);
    this.records.take(slot, cell, encodedBytes);
    if (cell === undefined) this.#gap.added(id);
    return slot;
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
