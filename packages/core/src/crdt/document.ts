/**
 * The state of a context: an ordered map from cell key to cell, each a join-semilattice, over a store that may lag.
 *
 * A document loads cells when they are first read, keeps them, and says which have changed (`takeDirty`). Invariant:
 * memory over source is the join of everything committed and applied; equal joins in any order, number and grouping
 * give equal bytes and an equal root. Local changes go through a transaction, one at a time; changes from elsewhere
 * through `apply`. Refused as a whole: a malformed joins blob. Void, and counted: joins that a delta has no right to.
 *
 * State-based CRDTs after Shapiro et al., "Conflict-free Replicated Data Types" (2011); deltas after Almeida et al.,
 * "Delta State Replicated Data Types" (2018).
 */
import {
  assert,
  type ContainerId,
  EMPTY_BYTES,
  type Entry,
  err,
  type Failure,
  must,
  ok,
  type Result,
  type Stamp,
} from "../base/index.ts";
import { applyJoins, prepareJoins } from "./apply.ts";
import type { ContainerType } from "./container-type.ts";
import type { CellSource, DirtyCell } from "./containers/container.ts";
import { ContainerCache, type Containers, type DocumentOptions } from "./containers/container-cache.ts";
import type { HandleHost, Views } from "./handles/handles.ts";
import { type ContainerJoins, decodeJoins } from "./joins/joins.ts";
import { TREE_BYTES_MAX } from "./limits.ts";
import type { Origin } from "./origin.ts";
import { checkState } from "./pages/check-state.ts";
import { PageSource } from "./pages/page-source.ts";
import { encodeState } from "./pages/state.ts";
import type { RecordCacheStats } from "./records/record-cache.ts";
import { Transaction } from "./transaction.ts";
import { type StoredHashes, TreeBuilder, touchedCells } from "./tree/build-tree.ts";
import { HashTree, type PageRow } from "./tree/hash-tree.ts";
import { rootOf } from "./tree/root-of.ts";
import { DEFINITIONS } from "./types/definitions.ts";

export interface ApplyReport {
  /** Joins that the delta had no right to, or that can have no effect on any replica. */
  readonly void: number;
}

/** A page of the state is malformed, out of order, or holds what no container can. */
export type LoadFailure = Failure<"PAGES_MALFORMED">;

export type ApplyFailure = Failure<"JOINS_MALFORMED">;

/** The answer to most joins. */
const NOTHING_VOID: Result<ApplyReport, never> = ok({ void: 0 });

export class Document implements HandleHost<Views> {
  readonly #source: CellSource;
  readonly #cache: ContainerCache;
  #hashes: StoredHashes | undefined;
  #builder: TreeBuilder | undefined;
  #transaction: Transaction | undefined;
  /** The greatest stamp that was committed or applied here since the document was opened. */
  #lastStamp = 0;

  readonly #onClose = (transaction: Transaction, isCommitted: boolean): void => {
    this.#transaction = undefined;
    // A transaction that was rolled back may run again under its stamp.
    if (isCommitted) this.#lastStamp = transaction.origin.stamp;
  };

  constructor(source: CellSource, options: DocumentOptions = {}) {
    this.#source = source;
    this.#hashes = options.hashes;
    this.#cache = new ContainerCache(source, options);
  }

  /** The root hash of a set of cells, from scratch. */
  static rootOf(cells: Iterable<Entry>): Uint8Array {
    return rootOf(cells);
  }

  /**
   * A document whose stored state is these pages, which must not change from then on. `checked`: all of them are decoded
   * at once, and refused when one is malformed. `lazy`, for pages that this program wrote and kept: each is parsed when
   * it is first touched, and one that is malformed throws a `StoreFailure` then.
   */
  static load(pages: readonly Uint8Array[], mode: "checked" | "lazy" = "checked"): Result<Document, LoadFailure> {
    const source = PageSource.open(pages);
    if (!(source instanceof PageSource))
      return err("PAGES_MALFORMED", `page ${source.page} is malformed or out of order`);
    const document = new Document(source);
    const damage = mode === "checked" ? checkState(source, document.#cache) : undefined;
    return damage === undefined ? ok(document) : err("PAGES_MALFORMED", damage);
  }

  /** The stamp that the next transaction's must exceed. */
  get lastStamp(): Stamp {
    return this.#lastStamp as Stamp;
  }

  get recordCacheStats(): RecordCacheStats {
    return this.#cache.recordCache.stats;
  }

  /** Opens a transaction; the one before must be committed or rolled back. */
  begin(origin: Origin): Transaction {
    this.#assertIdle();
    assert(origin.stamp > this.#lastStamp, "a transaction's stamp is above all that the document has seen");
    this.#transaction = new Transaction(this.#cache, this.#intern(origin), this.#onClose);
    return this.#transaction;
  }

  /** Joins a delta entry from elsewhere, or one's own again: twice, late and out of order are all the same. */
  apply(joins: Uint8Array, origin: Origin): Result<ApplyReport, ApplyFailure> {
    this.#assertIdle();
    const containers = decodeJoins(joins, this.#cache.intern);
    if (containers === undefined) {
      return err("JOINS_MALFORMED", "the joins of this delta are malformed; it counts as empty");
    }
    const voidCount = this.#join(containers, this.#intern(origin));
    this.#lastStamp = Math.max(this.#lastStamp, origin.stamp);
    return voidCount === 0 ? NOTHING_VOID : ok({ void: voidCount });
  }

  /**
   * Reads what joins of no records need that were made here, a transaction being open or not; gives the step that joins
   * them once it is committed, which cannot fail.
   */
  prepare(joins: Uint8Array, from: Origin): () => void {
    const containers = must(decodeJoins(joins, this.#cache.intern), "joins that were made here");
    const origin = this.#intern(from);
    const step = prepareJoins(this.#cache, containers, origin);
    return () => {
      this.#assertIdle();
      step();
      this.#cache.tell(containers, origin);
    };
  }

  /** A view of a field's root container, for queries outside a transaction; not to be kept over `release`. */
  field<T extends ContainerType>(type: T, name: string): Views[T] {
    return DEFINITIONS[type].view(this, this.#cache.field(type, name));
  }

  resolve<T extends ContainerType>(type: T, id: ContainerId): Views[T] {
    return DEFINITIONS[type].view(this, this.#cache.open(type, id));
  }

  container<T extends ContainerType>(type: T, id: ContainerId): Containers[T] {
    return this.#cache.open(type, id);
  }

  /**
   * The cells that changed since the last take, encoded, with `table` before the key of each. The source must answer with them from the next read on (a
   * store does once `commit` is called, a fold keeps an overlay); the flush itself may take its time.
   */
  takeDirty(table: Uint8Array = EMPTY_BYTES): DirtyCell[] {
    this.#assertIdle();
    const cells: DirtyCell[] = [];
    for (const container of this.#cache.touched) {
      container.takeDirty(cells, table);
      if (container.isClean()) this.#cache.touched.delete(container);
    }
    return cells;
  }

  /** Whether a root has been asked for, and the hash tree is there. */
  get hasTree(): boolean {
    return this.#cache.tree !== undefined;
  }

  /** Whether no transaction is open. */
  get isIdle(): boolean {
    return this.#transaction === undefined;
  }

  /**
   * The root hash. The first call reads the stored pages of hashes on the way to what has changed since, or, when there
   * are none, every cell; after that it costs a few hashes for each cell changed since.
   */
  root(): Uint8Array {
    return this.#hashedTree().root();
  }

  /** Hashes of parts of the state, 16 or none: where two states with different roots differ. */
  branches(): readonly (Uint8Array | undefined)[] {
    return this.#hashedTree().branches();
  }

  #hashedTree(): HashTree {
    this.#assertIdle();
    const tree = this.#cache.tree ?? this.#openTree();
    for (const container of this.#cache.touched) {
      container.takeUnhashed((key, value) => tree.set(key, value));
      if (container.isClean()) this.#cache.touched.delete(container);
    }
    return tree;
  }

  /** The source has changed by itself: the hashes of its cells are looked up again, in these pages if there are any. */
  forgetHashes(hashes: StoredHashes | undefined): void {
    this.#hashes = hashes;
    this.#builder = undefined;
    this.#cache.tree = undefined;
  }

  /** The source holds another state from now on, and everything that was read of it is read anew; views are void. */
  reset(): void {
    this.#assertIdle();
    this.#cache.reset();
    this.forgetHashes(undefined);
  }

  /** Up to `limit` changed pages of the hash tree as of the last root; `isRest` when none is left. */
  takePages(limit: number): { readonly rows: readonly PageRow[]; readonly isRest: boolean } {
    const { tree } = this.#cache;
    if (tree === undefined) return { rows: [], isRest: true };
    const taken = tree.takeDirty(limit);
    tree.forget(TREE_BYTES_MAX);
    return taken;
  }

  /**
   * The whole state as pages. Of a document that was loaded from pages, those that nothing has touched are handed on as
   * they are.
   */
  encodeState(): Uint8Array[] {
    this.#assertIdle();
    return encodeState(this.#source, this.#cache);
  }

  /** Forgets the containers in memory that the source has in full. Views of them must not be used again. */
  release(): void {
    this.#assertIdle();
    this.#cache.release();
  }

  /** The origin with the actor that cells share. */
  #intern(origin: Origin): Origin {
    const actor = this.#cache.intern(origin.actor);
    return actor === origin.actor ? origin : { stamp: origin.stamp, actor, member: origin.member };
  }

  /** Records stay in memory from when they are read to when they are written. */
  #join(containers: readonly ContainerJoins[], origin: Origin): number {
    const { recordCache } = this.#cache;
    recordCache.hold();
    try {
      const voidCount = applyJoins(this.#cache, containers, origin);
      this.#cache.tell(containers, origin);
      return voidCount;
    } finally {
      recordCache.unhold();
    }
  }

  #openTree(): HashTree {
    const tree = this.#hashes === undefined ? this.#buildTree() : this.#catchUp(this.#hashes);
    this.#cache.tree = tree;
    this.#cache.tracksHashes = true;
    return tree;
  }

  #buildTree(): HashTree {
    if (this.#builder === undefined) {
      const overlay: Entry[] = [];
      for (const container of this.#cache.touched) container.visitDirty((key, value) => overlay.push([key, value]));
      this.#builder = new TreeBuilder(overlay);
      // What changes while it waits for a page is hashed at its end.
      this.#cache.tracksHashes = true;
    }
    const tree = this.#builder.run(this.#source);
    this.#builder = undefined;
    return tree;
  }

  #catchUp(hashes: StoredHashes): HashTree {
    const tree = new HashTree(hashes);
    for (const blob of hashes.changes()) {
      for (const joins of decodeJoins(blob, this.#cache.intern) ?? []) {
        const { id } = this.#cache.named(joins.type, joins.name);
        for (const [key, value] of touchedCells(this.#source, id, joins)) tree.set(key, value);
      }
    }
    for (const container of this.#cache.touched) container.visitDirty((key, value) => tree.set(key, value));
    return tree;
  }

  #assertIdle(): void {
    assert(this.#transaction === undefined, "the open transaction is closed first");
  }
}
