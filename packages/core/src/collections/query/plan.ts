/**
 * How a query is answered: by a range of one index, or by looking at every document. The index that pins the most wins:
 * leading columns asked for by equality, then one by a range, then the order of the results.
 *
 * A plan is right whatever it picks, since every document is tested unless the bounds say it all (`isExact`).
 */
import { concatBytes, EMPTY_BYTES } from "../../base/index.ts";
import type { Index } from "../index/definition.ts";
import type { IndexRows } from "../index/index-rows.ts";
import { encodeKey, keyEnd } from "../index/ordered-key.ts";
import type { Conditions, KeyRange, Position } from "./conditions.ts";

/** An index and its entries, once it is complete. */
export interface ReadyIndex {
  readonly index: Index;
  readonly rows: IndexRows;
  /** Takes in what was written since it was last asked, where that is not done as it is written. */
  readonly catchUp: (() => Promise<void>) | undefined;
}

export interface IndexPlan {
  readonly kind: "index";
  readonly index: ReadyIndex;
  /** Keys with `gte <= key < lt`; an empty `lt` is no bound. */
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  /** What stands in the key before the column that orders the results. */
  readonly prefix: Uint8Array;
  /** Entries come in the order of the results. */
  readonly isOrdered: boolean;
  /** The bounds are all the conditions: documents need not be looked at. */
  readonly isExact: boolean;
  /** A document may have several entries within the bounds. */
  readonly isRepeating: boolean;
}

export interface ScanPlan {
  readonly kind: "scan";
  readonly isOrdered: boolean;
  readonly isExact: boolean;
}

export type Plan = IndexPlan | ScanPlan;

export function planQuery(conditions: Conditions, indexes: Iterable<ReadyIndex>): Plan {
  let best: { plan: IndexPlan; score: number } | undefined;
  for (const ready of indexes) {
    const candidate = ready.index.by === "value" ? byValue(conditions, ready) : byMany(conditions, ready);
    if (candidate !== undefined && (best === undefined || candidate.score > best.score)) best = candidate;
  }
  return best?.plan ?? { kind: "scan", isOrdered: isById(conditions), isExact: isWithout(conditions) };
}

/**
 * A plan whose entries come in order, when the best one's do not: of a query with a limit it may find enough after a few
 * entries, which nobody can know beforehand.
 */
export function planInOrder(conditions: Conditions, indexes: Iterable<ReadyIndex>): Plan | undefined {
  const ordered = [...indexes].filter((ready) => byValue(conditions, ready)?.plan.isOrdered === true);
  return ordered.length === 0 ? undefined : planQuery(conditions, ordered);
}

/** The entry after which a page begins, as the key that stands before its id. */
export function resumeKey(plan: IndexPlan, after: Position): Uint8Array {
  return concatBytes(plan.prefix, after.key);
}

function byValue(conditions: Conditions, ready: ReadyIndex): { plan: IndexPlan; score: number } | undefined {
  const { columns } = ready.index;
  const { equalities, ranges, order } = conditions;
  const pinned: Uint8Array[] = [];
  for (const column of columns) {
    const key = equalities.get(column.name)?.key;
    if (key === undefined) break;
    pinned.push(key);
  }
  const prefix = pinned.length === 0 ? EMPTY_BYTES : concatBytes(...pinned);
  const next = columns[pinned.length];
  const range = next && ranges.get(next.name);
  const isLast = pinned.length + 1 === columns.length;
  const isOrdered = isById(conditions)
    ? next === undefined
    : next !== undefined && isLast && order.term?.name === next.name;
  const score = 4 * pinned.length + (range === undefined ? 0 : 2) + (isOrdered ? 1 : 0);
  if (score === 0) return undefined;
  const isExact =
    pinned.length === equalities.size && ranges.size === (range === undefined ? 0 : 1) && !looksInside(conditions);
  const bounds = boundsOf(prefix, range);
  return { plan: { kind: "index", index: ready, ...bounds, prefix, isOrdered, isExact, isRepeating: false }, score };
}

/** Bounds of an element or of the beginning of a word: the longest word is the rarest, by and large. */
function byMany(conditions: Conditions, ready: ReadyIndex): { plan: IndexPlan; score: number } | undefined {
  const column = ready.index.columns[0]?.name;
  if (ready.index.by === "each") {
    const prefix = conditions.elements.find(({ term }) => term.name === column)?.key;
    if (prefix === undefined) return undefined;
    const isOrdered = isById(conditions);
    const isAll = conditions.elements.length === 1 && conditions.searches.length === 0;
    const isExact =
      isAll && conditions.filter === undefined && conditions.equalities.size === 0 && conditions.ranges.size === 0;
    const bounds = boundsOf(prefix, undefined);
    return {
      plan: { kind: "index", index: ready, ...bounds, prefix, isOrdered, isExact, isRepeating: false },
      score: 3,
    };
  }
  const words = conditions.searches.find(({ term }) => term.name === column)?.words ?? [];
  const longest = words.reduce((a, b) => (b.length > a.length ? b : a), "");
  if (longest === "") return undefined;
  // The encoding of a text ends with a byte that says so: without it, every longer word begins alike.
  const prefix = encodeKey([longest]).slice(0, -1);
  const bounds = boundsOf(prefix, undefined);
  return {
    plan: { kind: "index", index: ready, ...bounds, prefix, isOrdered: false, isExact: false, isRepeating: true },
    score: 3,
  };
}

function boundsOf(prefix: Uint8Array, range: KeyRange | undefined): Pick<IndexPlan, "gte" | "lt"> {
  const from = range?.gt === undefined ? range?.gte : keyEnd(range.gt);
  const to = range?.lt === undefined ? range?.lte && keyEnd(range.lte) : range.lt;
  return {
    gte: from === undefined ? prefix : concatBytes(prefix, from),
    lt: to === undefined ? keyEnd(prefix) : concatBytes(prefix, to),
  };
}

function isById({ order }: Conditions): boolean {
  return order.term === undefined;
}

function looksInside({ elements, searches, filter }: Conditions): boolean {
  return elements.length > 0 || searches.length > 0 || filter !== undefined;
}

function isWithout(conditions: Conditions): boolean {
  return conditions.equalities.size === 0 && conditions.ranges.size === 0 && !looksInside(conditions);
}
