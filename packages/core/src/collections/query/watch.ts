/**
 * A live query as its reader sees it: the result now, and again after each commit that changed it. What changes while
 * the reader is busy is gathered: it is given the latest result, never a queue of old ones.
 */
import type { BoundCollection, ChangedIds, ChangeListener } from "../bound-collection.ts";
import type { AnyDocument } from "../index/definition.ts";
import type { Conditions } from "./conditions.ts";
import { type Difference, differenceOf } from "./difference.ts";
import { LiveResult } from "./live-result.ts";
import { planQuery } from "./plan.ts";

/** A result, immutable, and how it differs from the one before. Unchanged documents are the same objects. */
export interface LivePage<D> extends Difference<D> {
  readonly documents: readonly D[];
}

/** Ends, without an error, when the signal is aborted, the reader stops, or the database is closed. */
export async function* watchQuery(
  bound: BoundCollection,
  conditions: Conditions,
  signal: AbortSignal | undefined,
): AsyncGenerator<LivePage<AnyDocument>, void, undefined> {
  bound.assertOpen();
  const changes = new Changes(bound, signal);
  try {
    const live = new LiveResult(bound, conditions, () => planQuery(conditions, bound.readyIndexes()));
    await live.refresh();
    let shown: readonly AnyDocument[] | undefined;
    for (;;) {
      if (changes.isOver) return;
      const documents = live.documents();
      if (shown === undefined || !isSame(shown, documents)) {
        yield { documents, ...differenceOf(shown ?? [], documents) };
        shown = documents;
      }
      const ids = await changes.next();
      if (ids === undefined) return;
      if (ids === "all") await live.refresh();
      else await live.update(ids);
    }
  } finally {
    changes.stop();
  }
}

/** The ids that changed since they were last taken. */
class Changes {
  readonly #bound: BoundCollection;
  readonly #signal: AbortSignal | undefined;
  #ids = new Set<string>();
  #isAll = false;
  #wake: (() => void) | undefined;
  #isOver = false;

  readonly #listener: ChangeListener = (ids) => {
    if (ids === undefined) this.#isOver = true;
    else if (ids === "all") this.#isAll = true;
    else for (const id of ids) this.#ids.add(id);
    this.#wake?.();
  };

  readonly #onAbort = (): void => {
    this.#isOver = true;
    this.#wake?.();
  };

  constructor(bound: BoundCollection, signal: AbortSignal | undefined) {
    this.#bound = bound;
    this.#signal = signal;
    this.#isOver = signal?.aborted === true;
    bound.listeners.add(this.#listener);
    signal?.addEventListener("abort", this.#onAbort);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What changed, once something has; undefined at the end. */
  async next(): Promise<ChangedIds | undefined> {
    while (this.#ids.size === 0 && !this.#isAll && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#isOver) return undefined;
    const ids = this.#isAll ? "all" : this.#ids;
    this.#ids = new Set();
    this.#isAll = false;
    return ids;
  }

  stop(): void {
    this.#bound.listeners.delete(this.#listener);
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}

function isSame(a: readonly AnyDocument[], b: readonly AnyDocument[]): boolean {
  return a.length === b.length && a.every((document, i) => document === b[i]);
}
