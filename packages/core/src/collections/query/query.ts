/** A query of a collection: nothing is read until its result is asked for, and each asking reads anew. */
import { bytesToHex } from "../../base/index.ts";
import { abortable } from "../abortable.ts";
import type { BoundCollection } from "../bound-collection.ts";
import type { AnyDocument } from "../index/definition.ts";
import { READ_PAGE_ROWS } from "../limits.ts";
import { timedRead } from "../meters.ts";
import { type Conditions, compileQuery, encodeCursor, type QueryOptions } from "./conditions.ts";
import { type Plan, planInOrder, planQuery } from "./plan.ts";
import { type RunResult, runQuery } from "./run.ts";
import { type LivePage, watchQuery } from "./watch.ts";

export interface QueryPage<D> {
  readonly documents: readonly D[];
  /** For `after`, to read on; undefined when there are no more. */
  readonly cursor: string | undefined;
}

/** How a query was answered, and what it took. */
export interface Explanation {
  /** The index that was used; undefined when every document was looked at. */
  readonly index: string | undefined;
  /** Keys read, `gte <= key < lt`, in hexadecimal. */
  readonly bounds: { readonly gte: string; readonly lt: string } | undefined;
  /** Whether results came in order, or were sorted afterwards. */
  readonly order: "index" | "id" | "sorted";
  /** Entries or documents looked at. */
  readonly scanned: number;
  readonly returned: number;
}

/** Of each asking for the result. */
export interface QueryCallOptions {
  readonly signal?: AbortSignal;
}

/** Entries that are looked at in order for each document that is wanted, before the other plan is taken. */
const TRIED_PER_WANTED = 8;

/** `D` is the collection's document. */
export class Query<D extends AnyDocument> {
  readonly #bound: BoundCollection;
  readonly #conditions: Conditions;

  /** Made by `Collection.query`. Throws `QUERY_INVALID` for what cannot be asked. */
  constructor(bound: BoundCollection, options: QueryOptions) {
    this.#bound = bound;
    this.#conditions = compileQuery(bound.schema, bound.indexes, options);
  }

  async toArray(options: QueryCallOptions = {}): Promise<readonly D[]> {
    return this.#documents(await this.#run(this.#conditions, options));
  }

  async first(options: QueryCallOptions = {}): Promise<D | undefined> {
    const [first] = this.#documents(await this.#run({ ...this.#conditions, limit: 1 }, options));
    return first;
  }

  /** The ids alone: documents are not read when an index says it all. */
  async ids(options: QueryCallOptions = {}): Promise<readonly string[]> {
    const { found } = await this.#run(this.#conditions, options, true);
    return found.map(({ id }) => id);
  }

  /** How many documents there are, after the offset and up to the limit. */
  async count(options: QueryCallOptions = {}): Promise<number> {
    const { found } = await this.#run(this.#conditions, options, true);
    return found.length;
  }

  /** The result, and where it goes on. */
  async page(options: QueryCallOptions = {}): Promise<QueryPage<D>> {
    const result = await this.#run(this.#conditions, options);
    const last = result.found.at(-1);
    const cursor = result.more && last !== undefined ? encodeCursor(last) : undefined;
    return { documents: this.#documents(result), cursor };
  }

  /** Runs the query and tells how. */
  async explain(options: QueryCallOptions = {}): Promise<Explanation> {
    const { found, scanned, plan } = await this.#run(this.#conditions, options);
    if (plan.kind === "scan") {
      const order = plan.isOrdered ? "id" : "sorted";
      return { index: undefined, bounds: undefined, order, scanned, returned: found.length };
    }
    return {
      index: plan.index.index.name,
      bounds: { gte: bytesToHex(plan.gte), lt: bytesToHex(plan.lt) },
      order: plan.isOrdered ? "index" : "sorted",
      scanned,
      returned: found.length,
    };
  }

  /**
   * The result now, and again after each commit that changed it. Ends when the signal is aborted, the loop is left, or
   * the database is closed.
   */
  watch(options: QueryCallOptions = {}): AsyncGenerator<LivePage<D>, void, undefined> {
    return watchQuery(this.#bound, this.#conditions, options.signal) as AsyncGenerator<LivePage<D>, void, undefined>;
  }

  /** By the best plan, after a short try of one that needs no sorting. */
  async #run(
    conditions: Conditions,
    { signal }: QueryCallOptions,
    isIdsOnly = false,
  ): Promise<RunResult & { readonly plan: Plan }> {
    this.#bound.assertOpen();
    signal?.throwIfAborted();
    const run = timedRead(this.#bound.engine.meters?.query, 1, () => this.#planAndRun(conditions, isIdsOnly));
    return abortable(run, signal);
  }

  async #planAndRun(conditions: Conditions, isIdsOnly: boolean): Promise<RunResult & { readonly plan: Plan }> {
    const indexes = this.#bound.readyIndexes();
    const plan = planQuery(conditions, indexes);
    const inOrder = plan.isOrdered || !Number.isFinite(conditions.limit) ? undefined : planInOrder(conditions, indexes);
    if (inOrder !== undefined) {
      const scannedMax = TRIED_PER_WANTED * (conditions.offset + conditions.limit) + READ_PAGE_ROWS;
      const tried = await runQuery(this.#bound, conditions, inOrder, isIdsOnly, scannedMax);
      if (!tried.isCut) return { ...tried, plan: inOrder };
    }
    return { ...(await runQuery(this.#bound, conditions, plan, isIdsOnly)), plan };
  }

  #documents({ found }: RunResult): readonly D[] {
    return found.map(({ document }) => document as D);
  }
}
