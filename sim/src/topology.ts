/**
 * Who is connected to whom: all to all, or in a crowd each to whom let it in and to a few at random, as nodes of large
 * groups choose (`packages/node/src/neighbours.ts`).
 */
import { mix } from "@dunlin/core/simulation";
import type { Plan } from "./plan.ts";

export type Pair = readonly [number, number];

/** Nodes that let others into a crowd, the founder among them. */
const HOSTS = 16;

/** Every pair that has a link, each once, with the lower first; undefined when all have. */
export function linksOf({ seed, nodes, neighbours }: Pick<Plan, "seed" | "nodes" | "neighbours">): Pair[] | undefined {
  if (neighbours === undefined) return undefined;
  const links: Pair[] = [];
  const known = new Set<number>();
  const add = (one: number, other: number): void => {
    const [a, b] = one < other ? [one, other] : [other, one];
    if (a === b || known.has(a * nodes + b)) return;
    known.add(a * nodes + b);
    links.push([a, b]);
  };
  for (let node = 1; node < nodes; node++) {
    add(node, hostOf(node));
    for (let i = 0; i < neighbours; i++) add(node, mix(seed, 13, node, i) % nodes);
  }
  return links;
}

/** Who lets a node into a crowd: the founder its other hosts, and they the rest. */
export function hostOf(node: number): number {
  return node < HOSTS ? 0 : node % HOSTS;
}
