/**
 * A database: one context in a store, its replica, and the collections over it. It owns the replica and, unless it was
 * told otherwise, the store: closing it closes both.
 */
import type { ContextId, Failure, KeyValueStore, PublicKey } from "../base/index.ts";
import {
  type CallOptions,
  Collection,
  type CollectionDefinition,
  CollectionError,
  CollectionTransaction,
  compileIndexes,
  compileSchema,
  type Engine,
  type Fields,
  type Indexes,
} from "../collections/index.ts";
import type { Replica } from "../replica/index.ts";

export interface DatabaseParts {
  readonly store: KeyValueStore;
  readonly replica: Replica;
  readonly engine: Engine;
  readonly keepsStoreOpen: boolean;
}

export class Database implements AsyncDisposable {
  readonly #parts: DatabaseParts;
  readonly #collections = new Map<string, { readonly definition: object; readonly collection: unknown }>();
  #closing: Promise<void> | undefined;

  /** Made by `openDatabase`. */
  constructor(parts: DatabaseParts) {
    this.#parts = parts;
  }

  /** What all copies of this database share. */
  get context(): ContextId {
    return this.#parts.replica.context;
  }

  /** Who writes here. */
  get member(): PublicKey {
    return this.#parts.replica.member;
  }

  /** The context underneath. */
  get replica(): Replica {
    return this.#parts.replica;
  }

  /** Why nothing is taken in any more; undefined while all is well. */
  get closed(): Failure | undefined {
    return this.#parts.replica.closed;
  }

  /**
   * The collection of this name. The same definition gives the same collection; a second one is refused. Throws
   * `SCHEMA_INVALID`, `SCHEMA_MISMATCH` or `SCHEMA_NEWER`, and has changed nothing then.
   */
  collection<const F extends Fields, X extends Indexes<F> = Record<never, never>>(
    name: string,
    definition: CollectionDefinition<F, X>,
  ): Collection<F, X> {
    this.#assertOpen();
    const known = this.#collections.get(name);
    if (known?.definition === definition) return known.collection as Collection<F, X>;
    const schema = compileSchema(name, definition.version ?? 1, definition.fields);
    const indexes = compileIndexes(schema, definition.indexes ?? {});
    const collection = new Collection<F, X>(this.#parts.engine.bind(schema, indexes));
    this.#collections.set(name, { definition, collection });
    return collection;
  }

  /**
   * Runs a function whose writes, to any number of collections, are one commit: all of them or, when it throws, none.
   * It must be done when it returns, and may run several times before anything is written. Resolves after the flush.
   */
  async transact<T>(run: (transaction: CollectionTransaction) => T, options: CallOptions = {}): Promise<T> {
    this.#assertOpen();
    return this.#parts.engine.write((transaction) => {
      const value = run(new CollectionTransaction(transaction));
      if (!(value instanceof Promise)) return value;
      // Whatever it comes to, its writes are taken back.
      value.catch(() => {});
      throw new CollectionError("TRANSACTION_ASYNC", "a transaction's function must be done when it returns");
    }, options.signal);
  }

  /** Resolves once everything written so far is durable. */
  settled(): Promise<void> {
    return this.#parts.replica.settled();
  }

  /** Waits for what is under way, ends live queries, and closes the store. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { engine, replica, store, keepsStoreOpen } = this.#parts;
    engine.close();
    await replica.close();
    if (!keepsStoreOpen) await store[Symbol.asyncDispose]();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new CollectionError("DATABASE_CLOSED", "the database was closed");
  }
}
