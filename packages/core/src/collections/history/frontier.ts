/**
 * Places in a database's history as text: a set of deltas by its heads, which name all that they follow. A version and
 * a feed's cursor are such places; they mean the same in every copy of the database that holds those deltas.
 *
 *   id of the database, then each head, ascending: base58, with dots between
 *
 * Refused: another database's, heads out of order or twice, and heads that this copy does not hold.
 */
import {
  bytesEqual,
  type ContextId,
  compareBytes,
  type DeltaId,
  err,
  idKey,
  idToText,
  ok,
  type Result,
  textToId,
} from "../../base/index.ts";
import type { GraphReader, Order } from "../../dag/index.ts";

/** Which orders belong to a place in the history. */
export interface Cover {
  has(order: Order): boolean;
  /** All orders below it do. */
  readonly complete: Order;
  /** None from it on does. */
  readonly end: Order;
}

export function frontierToText(context: ContextId, heads: Iterable<DeltaId>): string {
  return [context, ...[...heads].sort(compareBytes)].map(idToText).join(".");
}

/** What the text names, in this copy of the database; or why it names nothing here. */
export function textToCover(graph: GraphReader, context: ContextId, text: string): Result<Cover> {
  const ids = text.split(".").map(textToId);
  const refuse = (why: string): Result<never> => err("CURSOR_INVALID", why);
  const [database, ...heads] = ids;
  if (database === undefined) return refuse("this text is none of a place in a database's history");
  if (!bytesEqual(database, context)) return refuse("this place is in the history of another database");
  const orders: Order[] = [];
  for (const [i, head] of heads.entries()) {
    const previous = heads[i - 1];
    if (head === undefined || (previous !== undefined && compareBytes(previous, head) >= 0)) {
      return refuse("this text is none of a place in a database's history");
    }
    const order = graph.orderOf(idKey(head));
    if (order === undefined) return refuse("this copy of the database does not hold what the place names");
    orders.push(order);
  }
  return ok(coverOf(graph, orders));
}

/** The heads of the first deltas, which grow by one after another. */
export class PrefixHeads {
  readonly #graph: GraphReader;
  readonly #heads = new Set<Order>();
  #end = 0;

  constructor(graph: GraphReader) {
    this.#graph = graph;
  }

  /** Those of the orders below `end`, which never goes back. */
  at(end: Order): DeltaId[] {
    for (; this.#end < end; this.#end++) {
      for (const parent of this.#graph.parentsOf(this.#end)) this.#heads.delete(parent);
      this.#heads.add(this.#end);
    }
    return [...this.#heads].map((order) => this.#graph.idOf(order));
  }
}

/** The orders and all that they follow. */
function coverOf(graph: GraphReader, heads: readonly Order[]): Cover {
  const size = heads.reduce((size, head) => Math.max(size, head + 1), 0);
  const covered = new Uint8Array(size);
  for (const head of heads) covered[head] = 1;
  for (let order = size - 1; order >= 0; order--) {
    if (covered[order] === 1) for (const parent of graph.parentsOf(order)) covered[parent] = 1;
  }
  const gap = covered.indexOf(0);
  return { complete: gap === -1 ? size : gap, end: size, has: (order) => covered[order] === 1 };
}
