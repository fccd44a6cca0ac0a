/**
 * Runs a plan: reads entries or documents by pages, tests them, and puts them into order. A page that misses something
 * is loaded and read again; what was found before it stays. If documents changed while a page was being loaded, the run
 * begins anew, so that a result is of one moment; after some attempts it is taken as it is.
 */
import { type KeyValueStore, runLoaded } from "../../base/index.ts";
import type { RecordRow } from "../../crdt/index.ts";
import type { AnyDocument } from "../index/definition.ts";
import type { EntryRange } from "../index/index-rows.ts";
import { idBytes } from "../index/rows.ts";
import { READ_PAGE_ROWS } from "../limits.ts";
import { type Conditions, comparePositions, matches, type Position, positionOf } from "./conditions.ts";
import { type IndexPlan, type Plan, resumeKey } from "./plan.ts";

/** What a run reads. Each read may throw a `Miss`. */
export interface QuerySource {
  readonly store: Pick<KeyValueStore, "load">;
  /** Changes with every change of a document. */
  readonly version: number;
  get(id: string): AnyDocument | undefined;
  page(options: { after?: string; before?: string; limit: number; reverse: boolean }): readonly RecordRow[];
  document(row: RecordRow): AnyDocument;
}

/** A document in the result. Without the document when only ids were asked for and the plan needs none. */
export interface Found extends Position {
  readonly document: AnyDocument | undefined;
}

export interface RunResult {
  /** In order, after the offset and up to the limit. */
  readonly found: readonly Found[];
  /** Whether there are more beyond the limit. */
  readonly more: boolean;
  /** Entries and documents looked at. */
  readonly scanned: number;
  /** Whether it was given up, having looked at as much as it may. */
  readonly isCut: boolean;
}

const ATTEMPTS_MAX = 4;

export async function runQuery(
  source: QuerySource,
  conditions: Conditions,
  plan: Plan,
  isIdsOnly: boolean,
  scannedMax: number = Number.POSITIVE_INFINITY,
): Promise<RunResult> {
  for (let attempt = 1; ; attempt++) {
    const run = new Run(source, conditions, plan, isIdsOnly && plan.isExact && plan.isOrdered, scannedMax);
    if (plan.kind === "index") await plan.index.catchUp?.();
    const version = source.version;
    let hasWaited = false;
    for (let more: boolean | Promise<boolean> = true; more; ) {
      more = runLoaded(source.store, () => run.step());
      if (typeof more !== "boolean") {
        more = await more;
        hasWaited = true;
      }
    }
    if (!hasWaited || source.version === version || attempt >= ATTEMPTS_MAX) return run.result();
  }
}

class Run {
  readonly #source: QuerySource;
  readonly #conditions: Conditions;
  readonly #plan: Plan;
  readonly #isIdsOnly: boolean;
  readonly #scannedMax: number;
  #isCut = false;
  readonly #wanted: number;
  readonly #seen = new Set<string>();
  #found: Found[] = [];
  #scanned = 0;
  #range: EntryRange | undefined;
  #lastId: string | undefined;

  constructor(source: QuerySource, conditions: Conditions, plan: Plan, isIdsOnly: boolean, scannedMax: number) {
    this.#scannedMax = scannedMax;
    this.#source = source;
    this.#conditions = conditions;
    this.#plan = plan;
    this.#isIdsOnly = isIdsOnly;
    // One more than asked for tells whether there are more.
    this.#wanted = conditions.offset + conditions.limit + 1;
    this.#range = plan.kind === "index" ? rangeOf(plan, conditions) : undefined;
    if (plan.kind === "scan" && plan.isOrdered) this.#lastId = conditions.after?.id;
  }

  /** Reads a page; false after the last. Has no effect when it throws a `Miss`. */
  step(): boolean {
    return this.#plan.kind === "index" ? this.#indexStep(this.#plan) : this.#scanStep();
  }

  result(): RunResult {
    const { offset, limit, after } = this.#conditions;
    let found = this.#found;
    if (!this.#plan.isOrdered) {
      found.sort((a, b) => comparePositions(this.#conditions, a, b));
      if (after !== undefined) found = found.filter((item) => comparePositions(this.#conditions, item, after) > 0);
    }
    const [shown, more] = [found.slice(offset, offset + limit), found.length > offset + limit];
    return { found: shown, more, scanned: this.#scanned, isCut: this.#isCut };
  }

  #indexStep(plan: IndexPlan): boolean {
    if (this.#range === undefined) return false;
    const { entries, next } = plan.index.rows.page(this.#range, this.#pageRows());
    const page: Found[] = [];
    // Of its own at first: a page that misses something is read again as if for the first time.
    const seen = new Set<string>();
    for (const { id } of entries) {
      if (plan.isRepeating && (this.#seen.has(id) || seen.has(id))) continue;
      seen.add(id);
      if (this.#isIdsOnly) page.push({ key: plan.prefix, id, document: undefined });
      else this.#test(this.#source.get(id), page);
    }
    if (plan.isRepeating) for (const id of seen) this.#seen.add(id);
    this.#scanned += entries.length;
    this.#range = next;
    if (!this.#add(page) || next === undefined) return false;
    this.#isCut = this.#scanned >= this.#scannedMax;
    return !this.#isCut;
  }

  #scanStep(): boolean {
    const { reverse } = this.#conditions.order;
    const isBackwards = reverse && this.#plan.isOrdered;
    const limit = this.#pageRows();
    const bound = this.#lastId === undefined ? {} : isBackwards ? { before: this.#lastId } : { after: this.#lastId };
    const rows = this.#source.page({ ...bound, limit, reverse: isBackwards });
    const page: Found[] = [];
    for (const row of rows) this.#test(this.#source.document(row), page);
    this.#scanned += rows.length;
    this.#lastId = rows.at(-1)?.id;
    return this.#add(page) && rows.length === limit;
  }

  #test(document: AnyDocument | undefined, page: Found[]): void {
    if (document === undefined || (!this.#plan.isExact && !matches(this.#conditions, document))) return;
    const { key, id } = positionOf(this.#conditions, document);
    page.push({ key, id, document });
  }

  /** Whether more are wanted. */
  #add(page: readonly Found[]): boolean {
    for (const item of page) this.#found.push(item);
    return !this.#plan.isOrdered || this.#found.length < this.#wanted;
  }

  #pageRows(): number {
    const isBounded = this.#plan.isOrdered && this.#plan.isExact;
    return isBounded ? Math.min(READ_PAGE_ROWS, this.#wanted - this.#found.length) : READ_PAGE_ROWS;
  }
}

function rangeOf(plan: IndexPlan, conditions: Conditions): EntryRange {
  const { reverse } = conditions.order;
  const isBackwards = reverse && plan.isOrdered;
  const range = plan.index.rows.range(plan.gte, plan.lt, isBackwards);
  if (conditions.after === undefined || !plan.isOrdered) return range;
  return plan.index.rows.beyond(range, resumeKey(plan, conditions.after), idBytes(conditions.after.id));
}
