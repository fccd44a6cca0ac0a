/** What a set of heads covers: they and all their ancestors. */
import type { GraphReader, Order } from "../../dag/index.ts";

/** By order, 1 for what is covered: a graph of a million deltas takes a megabyte and some milliseconds. */
export type Cover = Uint8Array;

export function coverOf(graph: Pick<GraphReader, "parentsOf">, heads: readonly Order[]): Cover {
  const end = heads.reduce((last, head) => Math.max(last, head + 1), 0);
  const cover = new Uint8Array(end);
  for (const head of heads) cover[head] = 1;
  // Orders are topological: who names a parent comes after it.
  for (let order = end - 1; order >= 0; order--) {
    if (cover[order] === 1) for (const parent of graph.parentsOf(order)) cover[parent] = 1;
  }
  return cover;
}

/** The orders below `end` that lie within `cover` and not within `without`, ascending. */
export function coveredSince(cover: Cover, without: Cover | undefined): Order[] {
  const orders: Order[] = [];
  for (let order = 0; order < cover.length; order++) {
    if (cover[order] === 1 && without?.[order] !== 1) orders.push(order);
  }
  return orders;
}

/** The orders below `end` that lie outside of `cover`, ascending. */
export function outside(cover: Cover | undefined, from: Order, end: Order): Order[] {
  const orders: Order[] = [];
  for (let order = from; order < end; order++) if (cover?.[order] !== 1) orders.push(order);
  return orders;
}
