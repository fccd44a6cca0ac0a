/**
 * When a root is computed, and when pages of the hash tree are written.
 *
 * Roots are lazy: somebody who has asked once is taken to ask again, so the commits that follow have theirs; without,
 * a commit hashes nothing. Pages are written behind, in the batch of a commit whose root is known, with a mark that
 * says which deltas they hash; while a large set goes in parts there is no mark. Owns: pages under a mark are a whole
 * set, of exactly the deltas that the mark says.
 */
import { type ContextId, concatBytes, Miss, StoreFailure, type WriteOperation } from "../base/index.ts";
import type { Document } from "../crdt/index.ts";
import { COMMITS_PER_HASHED_MARK, PAGES_PER_COMMIT_MAX, ROOTS_KEPT_COMMITS } from "./limits.ts";
import { type HashedMark, tablePrefix } from "./rows.ts";

export interface RootsPorts {
  readonly context: ContextId;
  readonly document: Document;
  readonly load: (miss: Miss) => Promise<void>;
  /** The store is damaged: nothing can go on. */
  readonly onDamage: (failure: StoreFailure) => void;
}

export class Roots {
  readonly #ports: RootsPorts;
  /** What the stored pages are of. */
  #hashed: HashedMark | undefined;
  /** Commits that still get a root. */
  #due = 0;
  #commitsSinceMark = 0;

  constructor(ports: RootsPorts, hashed: HashedMark | undefined, keepsRoots: boolean) {
    this.#ports = ports;
    this.#hashed = hashed;
    if (keepsRoots) this.#due = Number.POSITIVE_INFINITY;
  }

  get hashed(): HashedMark | undefined {
    return this.#hashed;
  }

  /** Another opener of the store has written pages: the mark is theirs. */
  adopt(hashed: HashedMark | undefined): void {
    this.#hashed = hashed;
  }

  /** Somebody wants roots. */
  asked(): void {
    this.#due = Math.max(this.#due, ROOTS_KEPT_COMMITS);
  }

  /** The root of the state in memory; undefined while a page of it is being loaded. */
  now(): Uint8Array | undefined {
    const { document, load, onDamage } = this.#ports;
    try {
      return document.root();
    } catch (thrown) {
      // Whoever asked asks again; a store that cannot load fails the next call.
      if (thrown instanceof Miss) load(thrown).catch(() => {});
      else if (thrown instanceof StoreFailure) onDamage(thrown);
      else throw thrown;
      return undefined;
    }
  }

  /** That of the commit being made, if it gets one: once a tree is there it is kept up, so that it falls back little. */
  atSeal(): Uint8Array | undefined {
    this.#commitsSinceMark++;
    if (this.#due > 0) this.#due--;
    else if (!this.#ports.document.hasTree || !this.#arePagesDue()) return undefined;
    return this.now();
  }

  /** Adds the changed pages to a commit of `count` deltas, when they are due. */
  addDuePages(batch: WriteOperation[], count: number, root: Uint8Array | undefined): void {
    if (root !== undefined && this.#arePagesDue()) this.addPages(batch, count, root);
  }

  /** Adds changed pages: the mark goes on once none is left, and there is none while some are. */
  addPages(batch: WriteOperation[], count: number, root: Uint8Array): void {
    const { context, document } = this.#ports;
    const prefix = tablePrefix(context, "h");
    const { rows, isRest } = document.takePages(PAGES_PER_COMMIT_MAX);
    for (const { key, value } of rows) batch.push({ kind: "put", key: concatBytes(prefix, key), value });
    this.#hashed = isRest ? { count, root } : undefined;
    if (isRest) this.#commitsSinceMark = 0;
  }

  /** Often enough that opening has few deltas to hash again, seldom enough that writing pages costs little. */
  #arePagesDue(): boolean {
    return this.#hashed === undefined || this.#commitsSinceMark >= COMMITS_PER_HASHED_MARK;
  }
}
