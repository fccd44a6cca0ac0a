/**
 * The branches of an actor that wrote in two places at once, and what the join of its counters loses of one of them.
 *
 * A counter's entry is one number for each actor, of which the larger wins: of what two branches counted since their
 * fork, the smaller part is lost. Branches are put in one order, by the ids of the deltas that follow the fork, the
 * same for everybody. Let e(i) be the entry at the end of branch i, v(i) where it leaves those before it, M(i) the
 * largest of e(1..i). In truth e(1) + sum of (e(i) - v(i)) was counted; the join keeps M(n), which is e(1) + sum of
 * (M(i) - M(i-1)). So branch i has lost (e(i) - v(i)) - (M(i) - M(i-1)), which its own writer, and nobody else, counts
 * again as another actor. It is never negative, and grows as others' branches become known.
 */
import { compareBytes, type DeltaId } from "../base/index.ts";
import type { CounterPlace, Sums } from "../crdt/index.ts";
import type { Graph, Order } from "../dag/index.ts";

/** What a delta's joins bring to the counters; undefined when it is not to be had. */
export type SumsAt = (order: Order) => ReadonlyMap<CounterPlace, Sums> | undefined;

const NOTHING: Sums = { added: 0, subtracted: 0 };

/** What the branch that ends in `tip` has lost; undefined when a delta is not to be had. */
export function lostOf(
  graph: Graph,
  actorKey: string,
  tip: Order,
  sumsAt: SumsAt,
): Map<CounterPlace, Sums> | undefined {
  const ends = branchEnds(graph, actorKey);
  const own = ends.indexOf(tip);
  const lost = new Map<CounterPlace, Sums>();
  if (own <= 0) return lost;
  const before = ends[own - 1] as Order;
  const shared = new Set(pathTo(graph, before));
  const branch = pathTo(graph, tip).filter((order) => !shared.has(order));
  const fork = branch.length > 0 ? graph.prevOf(branch.at(-1) as Order) : tip;
  const ownSums = lastSums(branch, sumsAt);
  const forkSums = fork === undefined ? new Map<CounterPlace, Sums>() : lastSums(pathTo(graph, fork), sumsAt);
  const others = ends.slice(0, own).map((end) => lastSums(pathTo(graph, end), sumsAt));
  if (!ownSums || !forkSums || others.some((sums) => !sums)) return undefined;
  for (const [place, end] of ownSums) {
    const from = forkSums.get(place) ?? NOTHING;
    const most = largest(others.map((sums) => sums?.get(place) ?? NOTHING));
    const added = end.added - from.added - Math.max(0, end.added - most.added);
    const subtracted = end.subtracted - from.subtracted - Math.max(0, end.subtracted - most.subtracted);
    if (added > 0 || subtracted > 0) lost.set(place, { added, subtracted });
  }
  return lost;
}

/** The last deltas of the actor's branches, those of a lesser id first, wherever they part. */
function branchEnds(graph: Graph, actorKey: string): Order[] {
  const nextsOf = new Map<Order | undefined, Order[]>();
  for (const order of graph.ordersOf(actorKey)) {
    const prev = graph.prevOf(order);
    nextsOf.set(prev, [...(nextsOf.get(prev) ?? []), order]);
  }
  const ends: Order[] = [];
  const left = [...greatestFirst(graph, nextsOf.get(undefined) ?? [])];
  for (let order = left.pop(); order !== undefined; order = left.pop()) {
    const nexts = nextsOf.get(order);
    if (nexts) left.push(...greatestFirst(graph, nexts));
    else ends.push(order);
  }
  return ends;
}

/** A stretch of an actor's deltas after a fork, up to where it forks again. */
export interface Stretch {
  readonly id: DeltaId;
  /** Oldest first. */
  readonly orders: readonly Order[];
}

/** All that an actor wrote after it forked first, in stretches; none when it did not fork. */
export function stretchesOf(graph: Graph, actorKey: string): Stretch[] {
  const nextsOf = new Map<Order | undefined, Order[]>();
  for (const order of graph.ordersOf(actorKey)) {
    const prev = graph.prevOf(order);
    nextsOf.set(prev, [...(nextsOf.get(prev) ?? []), order]);
  }
  const stretches: Stretch[] = [];
  for (const nexts of nextsOf.values()) {
    if (nexts.length < 2) continue;
    for (const first of nexts) {
      const orders = [first];
      for (let next = nextsOf.get(first); next?.length === 1; next = nextsOf.get(orders.at(-1))) {
        orders.push(next[0] as Order);
      }
      stretches.push({ id: graph.idOf(first), orders });
    }
  }
  return stretches;
}

function greatestFirst(graph: Graph, orders: readonly Order[]): Order[] {
  return [...orders].sort((a, b) => compareBytes(graph.idOf(b), graph.idOf(a)));
}

/** From an end to the actor's first delta. */
function pathTo(graph: Graph, end: Order): Order[] {
  const path: Order[] = [];
  for (let order: Order | undefined = end; order !== undefined; order = graph.prevOf(order)) path.push(order);
  return path;
}

/** The latest sums of each counter along a path from its end: they only grow. */
function lastSums(path: readonly Order[], sumsAt: SumsAt): Map<CounterPlace, Sums> | undefined {
  const last = new Map<CounterPlace, Sums>();
  for (const order of path) {
    const sums = sumsAt(order);
    if (!sums) return undefined;
    for (const [place, value] of sums) if (!last.has(place)) last.set(place, value);
  }
  return last;
}

function largest(all: readonly Sums[]): Sums {
  return all.reduce((a, b) => {
    return { added: Math.max(a.added, b.added), subtracted: Math.max(a.subtracted, b.subtracted) };
  }, NOTHING);
}
