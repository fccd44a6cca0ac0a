/**
 * A database: one context in a store, its replica, and the collections over it. It owns the replica and, unless it was
 * told otherwise, the store: closing it closes both.
 */
import type { Role, Ticket } from "../access/index.ts";
import type { ContextId, Failure, KeyValueStore, PublicKey, Signer } from "../base/index.ts";
import {
  abortable,
  type CallOptions,
  type ChangeBatch,
  Collection,
  type CollectionDefinition,
  CollectionError,
  type CollectionTransaction,
  compileIndexes,
  compileSchema,
  type Engine,
  type FeedOptions,
  type Fields,
  frontierToText,
  openFeed,
  type UndoOptions,
} from "../collections/index.ts";
import type { CompactOptions, CompactReport, Replica } from "../replica/index.ts";
import type { Connector } from "../transport/index.ts";
import { type Applied, applyFeed, type FeedSource } from "./changes.ts";
import { Link, type LinkPorts, roomOf } from "./link.ts";
import { createTicket, type InviteOptions } from "./ticket.ts";
import { runAtOnce, Undo } from "./undo.ts";
import { when } from "./when.ts";

export interface DatabaseParts {
  readonly ports: LinkPorts & { readonly store: KeyValueStore };
  readonly replica: Replica;
  readonly engine: Engine;
  readonly signer: Signer;
  readonly ticket: Ticket | undefined;
  readonly keepsStoreOpen: boolean;
}

export class Database implements AsyncDisposable {
  readonly #parts: DatabaseParts;
  readonly #links = new Set<Link>();
  readonly #endListeners = new Set<() => void>();
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
  collection<const F extends Fields, X = Record<never, never>>(
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
    return this.#parts.engine.write((transaction) => runAtOnce(transaction, run), options.signal);
  }

  /**
   * Records what this database's own calls write from now on, so that they can be taken back, and what others write
   * stays; one at a time. Throws `UNDO_OPEN` when there is one.
   */
  undo(options: UndoOptions = {}): Undo {
    this.#assertOpen();
    return new Undo(this.#parts, options);
  }

  /**
   * Drops what deletions have left behind, up to what is durable now, and gives back its room in the store and in
   * memory. At once in a database that nobody else writes to; else the others' databases check it and sign, and it takes
   * effect when most of them have. Unasked, a database does so after a few thousand deletions (`compactAfter`). Throws `CHECKPOINT_CONTRADICTED` when the store is damaged.
   */
  async compact({ signal, ...options }: CompactOptions & CallOptions = {}): Promise<CompactReport> {
    this.#assertOpen();
    signal?.throwIfAborted();
    const done = await abortable(this.#parts.replica.checkpoints.compact(options), signal);
    if (!done.ok) throw new CollectionError(done.error.code, done.error.message);
    return done.value;
  }

  /** What this database's member may do; undefined before it has joined. */
  get role(): Role | undefined {
    return this.#parts.replica.roleOf(this.member);
  }

  /**
   * Meets the other copies of this database over a transport, from now on, until the link or the database is closed.
   * Changes go both ways as they are made; `link.settled()` tells when both sides have all.
   */
  sync(connector: Connector): Link {
    this.#assertOpen();
    const { ports, replica, signer, ticket } = this.#parts;
    const onEnd = (link: Link): boolean => this.#links.delete(link);
    const link = new Link(ports, {
      replica,
      signer,
      ticket,
      room: roomOf(ports.crypto, this.context),
      connector,
      onEnd,
    });
    this.#links.add(link);
    return link;
  }

  /**
   * What was committed to any collection, by whomever, and then what is: batches of changes with the signed deltas that
   * made them, each read when it is asked for. Given a batch's `cursor`, it goes on after that batch, in a later run too;
   * what was given may come again. Throws `CURSOR_INVALID`. Ends when aborted or closed.
   */
  changes(options: FeedOptions = {}): AsyncGenerator<ChangeBatch, void, undefined> {
    this.#assertOpen();
    return openFeed(this.#parts.engine, options, (listener) => {
      this.#endListeners.add(listener);
      return () => this.#endListeners.delete(listener);
    });
  }

  /**
   * Takes in the `changes()` of another copy of this database, or lists of deltas; each batch is durable before the next
   * is asked for. Applying a feed again changes nothing. Throws the code of the first delta that is refused, with its
   * place in the feed; those before it stay.
   */
  apply(source: FeedSource, options: CallOptions = {}): Promise<Applied> {
    this.#assertOpen();
    return applyFeed(this.#parts.ports, this.#parts.replica, source, options.signal);
  }

  /**
   * All that is durable here now, as a text: for `collection.at`, and for `changes({ since })`. It means the same in
   * every copy of the database that holds it.
   */
  version(): string {
    return frontierToText(this.context, this.#parts.replica.flushed.heads);
  }

  /**
   * A ticket by which others join: `openDatabase({ ticket })`, then `sync`. It is redeemed by a database of this member,
   * so one must be linked when they come. Only an admin may invite: throws `ACCESS_DENIED` otherwise.
   */
  invite(options: InviteOptions = {}): string {
    this.#assertOpen();
    const { ports, signer } = this.#parts;
    if (this.role !== "admin") throw new CollectionError("ACCESS_DENIED", "only an admin of the database may invite");
    return createTicket(ports, signer, this.context, options);
  }

  /** Resolves once this database's member belongs to it, which takes a link to who invited. */
  async joined(options: CallOptions = {}): Promise<Role> {
    const { replica } = this.#parts;
    await when(
      (check) => replica.onCommit(check),
      () => this.role !== undefined,
      options.signal,
    );
    return this.role as Role;
  }

  /** Resolves once everything written so far is durable. */
  async settled({ signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    await abortable(this.#parts.replica.settled(), signal);
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
    const { engine, replica, ports, keepsStoreOpen } = this.#parts;
    for (const listener of [...this.#endListeners]) listener();
    await Promise.all([...this.#links].map((link) => link.close()));
    try {
      await engine.close();
    } finally {
      await replica.close();
      if (!keepsStoreOpen) await ports.store[Symbol.asyncDispose]();
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new CollectionError("DATABASE_CLOSED", "the database was closed");
  }
}
