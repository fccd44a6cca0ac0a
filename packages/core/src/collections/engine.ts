/**
 * All collections of one database: told of every changed record, it keeps their indexes and wakes their live queries.
 *
 * Derived rows are written in the batch of the cells they derive from, or, while an index is built, once all that was
 * read has been handed to the store; so that no crash leaves an index that knows more or less than its documents. What
 * changes while the program has not declared a collection marks its indexes as stale: they are built anew.
 */

import {
  type Clock,
  type ContainerId,
  type ContextId,
  idKey,
  type KeyValueStore,
  Miss,
  must,
  type Random,
  runLoaded,
  type WriteOperation,
} from "../base/index.ts";
import {
  type CommitOrders,
  type ContainerType,
  type DeltaSource,
  type Derivation,
  type RecordCell,
  type Transaction,
  WriteRefused,
} from "../crdt/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { CountedAs, Replica } from "../replica/index.ts";
import { abortable } from "./abortable.ts";
import { BoundCollection } from "./bound-collection.ts";
import { Counts } from "./counts.ts";
import { CollectionError } from "./errors.ts";
import { ChangeLog } from "./history/change-log.ts";
import { type CatalogueRow, decodeCatalogue } from "./index/catalogue.ts";
import type { Index } from "./index/definition.ts";
import { catalogueRange, ownedBy, staleKey, staleRange } from "./index/rows.ts";
import { type CollectionMeters, createMeters } from "./meters.ts";
import { Owners } from "./owners.ts";
import type { Schema } from "./schema/schema.ts";
import { createIdSource } from "./write/new-id.ts";

export interface EnginePorts {
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: Metrics | undefined;
}

/** Told of what this database's own transactions do, and of what comes from elsewhere. */
export interface EditRecorder {
  /** Sets the transaction's observer. */
  begin(transaction: Transaction): void;
  /** While one's own transaction commits, of its changes too. `id` is that of a document. */
  onChange(container: ContainerId, id?: string): void;
  /** Anything may have changed. */
  onForeign(): void;
}

export class Engine implements Derivation {
  recorder: EditRecorder | undefined;
  readonly context: ContextId;
  readonly store: KeyValueStore;
  readonly newId: () => string;
  readonly meters: CollectionMeters | undefined;
  readonly changeLog: ChangeLog = new ChangeLog();
  readonly counts: Counts;
  readonly #bound = new Map<string, BoundCollection>();
  readonly #stored = new Map<string, CatalogueRow>();
  /** Containers whose indexes the store holds and nobody has kept, by key. */
  readonly #stale = new Map<string, ContainerId>();
  readonly #unmarked: ContainerId[] = [];
  readonly #owners: Owners;
  #replica: Replica | undefined;
  #nextNumber = 1;
  /** The collection that was told of last: changes come in runs. */
  #last: { readonly container: ContainerId; readonly bound: BoundCollection | undefined } | undefined;

  constructor(ports: EnginePorts, context: ContextId) {
    this.store = ports.store;
    this.context = context;
    this.#owners = new Owners(ports.store, context);
    this.counts = new Counts(ports.store, context, ports.metrics?.gauge("state.items"));
    this.meters = ports.metrics && createMeters(ports.metrics);
    this.newId = createIdSource(ports.clock, ports.random);
  }

  get replica(): Replica {
    return must(this.#replica, "the engine is attached to its replica");
  }

  /** Reads what the store knows of collections, and follows the replica from now on. */
  async attach(replica: Replica): Promise<void> {
    await runLoaded(this.store, () => this.#loadCatalogue());
    await runLoaded(this.store, () => this.counts.load());
    this.#replica = replica;
    replica.onCommit(() => this.#afterCommit());
  }

  /** The collection of this name. Throws when its schema does not fit the stored one. */
  bind(schema: Schema, indexes: readonly Index[]): BoundCollection {
    const container = this.replica.document.field("records", schema.collection).target.id;
    const key = idKey(container);
    const known = this.#bound.get(key);
    if (known !== undefined) {
      throw new CollectionError("SCHEMA_INVALID", "this collection was declared already", {
        collection: schema.collection,
      });
    }
    const isStale = this.#stale.has(key);
    const bound = new BoundCollection(this, { container, schema, indexes, stored: this.#stored.get(key), isStale });
    this.#bound.set(key, bound);
    this.#stale.delete(key);
    this.#last = undefined;
    return bound;
  }

  /** The name of a collection that was declared. */
  nameOf(container: ContainerId): string | undefined {
    return this.#bound.get(idKey(container))?.schema.collection;
  }

  /** Of the collection's container, whether it was declared or not. */
  containerKeyOf(collection: string): string {
    return idKey(this.replica.document.field("records", collection).target.id);
  }

  /** Numbers of indexes are never given twice. */
  nextNumber(): number {
    return this.#nextNumber++;
  }

  onRecord(container: ContainerId, id: string, before: RecordCell | undefined, after: RecordCell): void {
    this.counts.onRecord(container, before, after);
    this.#owners.onRecord(container, id, before, after);
    this.changeLog.onRecord(container, id, before, after);
    if (this.#last?.container !== container) {
      this.#last = { container, bound: this.#bound.get(idKey(container)) };
    }
    this.recorder?.onChange(container, id);
    const { bound } = this.#last;
    if (bound !== undefined) bound.onRecord(id, before, after);
    else this.#markStale(container);
  }

  onTransaction(): void {
    this.changeLog.onTransaction();
  }

  onDelta(source: DeltaSource | undefined): void {
    this.changeLog.onDelta(source);
  }

  onVoid(container: ContainerId, id: string): void {
    this.changeLog.onVoid(container, id);
  }

  onContainer(id: ContainerId, _type: ContainerType, nested: readonly ContainerId[]): void {
    this.recorder?.onChange(id);
    this.#owners.onNested(id, nested);
    for (const bound of this.#bound.values()) {
      if (bound.listeners.size > 0) return this.#owners.onContainer(id);
    }
  }

  /** The document that a container is in, at any depth: of a collection that was declared. May throw a `Miss`. */
  documentOf(child: ContainerId): { readonly bound: BoundCollection; readonly id: string } | undefined {
    const row = this.#owners.ownerOf(child);
    if (row === undefined) return undefined;
    for (const bound of this.#bound.values()) {
      const id = ownedBy(bound.container, row);
      if (id !== undefined) return { bound, id };
    }
    return undefined;
  }

  /** The declared collection that is kept in this container. */
  schemaOf(container: ContainerId): Schema | undefined {
    return this.#bound.get(idKey(container))?.schema;
  }

  takeRows(orders?: CommitOrders): readonly WriteOperation[] {
    const rows: WriteOperation[] = [];
    if (orders !== undefined) this.changeLog.takeRows(this.context, orders, rows);
    for (const container of this.#unmarked.splice(0)) {
      rows.push({ kind: "put", key: staleKey(this.context, container), value: new Uint8Array(0) });
    }
    this.#owners.takeRows(rows);
    this.counts.takeRows(rows);
    for (const bound of this.#bound.values()) bound.takeRows(rows);
    return rows;
  }

  async onForeign(): Promise<void> {
    this.#unmarked.splice(0);
    this.#owners.onForeign();
    this.counts.forget();
    this.changeLog.forget();
    this.recorder?.onForeign();
    for (const bound of this.#bound.values()) bound.onForeign();
    await runLoaded(this.store, () => this.counts.load());
  }

  /** Resolves once the rows derived so far are durable. They never get ahead of the cells that they derive from. */
  async commitRows(): Promise<void> {
    while (this.replica.backlog > 0) {
      this.#assertOpen();
      await this.replica.settled();
    }
    this.#assertOpen();
    const rows = this.takeRows();
    if (rows.length > 0) await this.store.commit(rows);
  }

  /** Runs a transaction; what it throws takes it back, and is thrown here. Resolves after the flush. */
  async write<T>(run: (transaction: Transaction) => T, signal?: AbortSignal, counted?: CountedAs): Promise<T> {
    signal?.throwIfAborted();
    let failure: { readonly thrown: unknown } | undefined;
    const written = this.replica.call((transaction) => {
      failure = undefined;
      try {
        this.recorder?.begin(transaction);
        return { ok: true as const, value: run(transaction), events: [] };
      } catch (thrown) {
        if (thrown instanceof Miss || thrown instanceof WriteRefused) throw thrown;
        failure = { thrown };
        const code = thrown instanceof CollectionError ? thrown.code : "CALL_FAILED";
        return { ok: false as const, error: { code, message: "the transaction threw" } };
      }
    }, counted);
    const result = await abortable(written, signal);
    if (failure !== undefined) throw failure.thrown;
    if (result.ok) return result.value.value;
    throw new CollectionError(result.error.code, result.error.message);
  }

  /** Ends the live queries, and writes what derived rows wait. The replica is closed after it. */
  async close(): Promise<void> {
    for (const bound of this.#bound.values()) bound.close();
    if (this.replica.closed === undefined) await this.commitRows();
    this.counts.close();
  }

  #assertOpen(): void {
    const { closed } = this.replica;
    if (closed !== undefined) throw new CollectionError(closed.code, closed.message);
  }

  /** Tells of what changed, and of the documents whose texts and lists did as soon as it is known whose they are. */
  #afterCommit(): void {
    const notify = (): void => {
      for (const bound of this.#bound.values()) bound.notify();
    };
    const changed = this.#owners.takeChanged();
    if (changed.length === 0) return notify();
    const told = runLoaded(this.store, () => {
      for (const container of changed) {
        const owner = this.documentOf(container);
        owner?.bound.onContent(owner.id);
      }
    });
    notify();
    // A store that fails closes the replica, which tells of it.
    if (told instanceof Promise) told.then(notify, () => {});
  }

  #markStale(container: ContainerId): void {
    const key = idKey(container);
    if (this.#stale.has(key)) return;
    this.#stale.set(key, container);
    this.#unmarked.push(container);
  }

  #loadCatalogue(): void {
    const range = catalogueRange(this.context);
    const keyAt = range.gte.length;
    let next = 1;
    for (const [key, value] of this.store.range(range)) {
      const row = decodeCatalogue(value);
      // A row that does not decode is derived, like all of them: its indexes are built anew under new numbers.
      if (row === undefined) continue;
      this.#stored.set(idKey(key.subarray(keyAt)), row);
      for (const { number } of row.indexes) next = Math.max(next, number + 1);
      for (const number of row.dropped) next = Math.max(next, number + 1);
    }
    this.#nextNumber = next;
    for (const [key] of this.store.range(staleRange(this.context))) {
      const container = key.slice(keyAt) as ContainerId;
      this.#stale.set(idKey(container), container);
    }
  }
}
