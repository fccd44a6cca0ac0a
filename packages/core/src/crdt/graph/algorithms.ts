/**
 * Questions about a directed graph, each answered by loops, never by recursion, and alike on every replica: where there
 * is a choice, the smaller id comes first.
 */
import { must } from "../../base/index.ts";
import { Heap } from "../heap.ts";
import type { GraphEdge } from "./graph-key.ts";
import { VISIT_VERTICES_MAX } from "./limits.ts";

/** What the algorithms ask of a graph: ids and edges in their order. */
export interface ReadableGraph {
  has(id: string): boolean;
  vertices(): readonly string[];
  outgoing(id: string): readonly GraphEdge[];
  incoming(id: string): readonly GraphEdge[];
}

export interface Visited {
  readonly id: string;
  /** Edges between it and the start, on the way that the visit took. */
  readonly depth: number;
}

export type TopologicalSort =
  | { readonly kind: "sorted"; readonly order: readonly string[] }
  /** The members of a cycle, each with an edge to the next and the last with one to the first. */
  | { readonly kind: "cyclic"; readonly cycle: readonly string[] };

/** The vertices that can be reached, the nearer first; at most `limit`. */
export function breadthFirst(graph: ReadableGraph, start: string, limit: number = VISIT_VERTICES_MAX): Visited[] {
  const visited: Visited[] = [];
  const most = Math.min(limit, VISIT_VERTICES_MAX);
  if (!graph.has(start) || most < 1) return visited;
  const seen = new Set([start]);
  visited.push({ id: start, depth: 0 });
  for (let at = 0; at < visited.length; at++) {
    const { id, depth } = visited[at] as Visited;
    for (const { target } of graph.outgoing(id)) {
      if (seen.has(target)) continue;
      if (visited.length >= most) return visited;
      seen.add(target);
      visited.push({ id: target, depth: depth + 1 });
    }
  }
  return visited;
}

/** The vertices that can be reached, each before those beyond it; at most `limit`. */
export function depthFirst(graph: ReadableGraph, start: string, limit: number = VISIT_VERTICES_MAX): Visited[] {
  const visited: Visited[] = [];
  const most = Math.min(limit, VISIT_VERTICES_MAX);
  const seen = new Set<string>();
  const open: Visited[] = graph.has(start) ? [{ id: start, depth: 0 }] : [];
  for (let next = open.pop(); next !== undefined && visited.length < most; next = open.pop()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    visited.push(next);
    const { depth } = next;
    const beyond = graph.outgoing(next.id).filter(({ target }) => !seen.has(target));
    for (const { target } of beyond.reverse()) open.push({ id: target, depth: depth + 1 });
  }
  return visited;
}

/** The vertices of a way with the fewest edges, both ends included; undefined when there is none. */
export function shortestPath(graph: ReadableGraph, source: string, target: string): string[] | undefined {
  if (!graph.has(source) || !graph.has(target)) return undefined;
  const previous = new Map<string, string>([[source, source]]);
  const reached = [source];
  for (let at = 0; at < reached.length && !previous.has(target); at++) {
    const id = reached[at] as string;
    for (const edge of graph.outgoing(id)) {
      if (previous.has(edge.target)) continue;
      previous.set(edge.target, id);
      reached.push(edge.target);
    }
  }
  if (!previous.has(target)) return undefined;
  const path = [target];
  for (let at = target; at !== source; path.push(at))
    at = must(previous.get(at), "every reached vertex has one before");
  return path.reverse();
}

/** The vertices, each after all that have an edge to it; a cycle when that cannot be. */
export function topologicalSort(graph: ReadableGraph): TopologicalSort {
  const waiting = new Map<string, number>();
  const ready = new Heap<string>((a, b) => (a < b ? -1 : 1));
  for (const id of graph.vertices()) {
    const before = graph.incoming(id).length;
    if (before === 0) ready.push(id);
    else waiting.set(id, before);
  }
  const order: string[] = [];
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    order.push(id);
    for (const { target } of graph.outgoing(id)) {
      const before = must(waiting.get(target), "an edge is counted once") - 1;
      if (before > 0) waiting.set(target, before);
      else if (waiting.delete(target)) ready.push(target);
    }
  }
  return waiting.size === 0 ? { kind: "sorted", order } : { kind: "cyclic", cycle: cycleAmong(graph, waiting) };
}

/** The sets of vertices that hang together, whichever way the edges point; the one with the smallest id first. */
export function connectedComponents(graph: ReadableGraph): string[][] {
  const components: string[][] = [];
  const seen = new Set<string>();
  for (const start of graph.vertices()) {
    if (seen.has(start)) continue;
    seen.add(start);
    const component = [start];
    for (let at = 0; at < component.length; at++) {
      for (const id of neighborsOf(graph, component[at] as string)) {
        if (seen.has(id)) continue;
        seen.add(id);
        component.push(id);
      }
    }
    components.push(component.sort());
  }
  return components;
}

/** The vertices at the other ends of edges from and to this one. */
export function neighborsOf(graph: ReadableGraph, id: string): string[] {
  const targets = graph.outgoing(id).map((edge) => edge.target);
  const sources = graph.incoming(id).map((edge) => edge.source);
  return [...new Set([...targets, ...sources])].sort();
}

/** Each of these vertices has an edge from another of them, so going back along edges comes round. */
function cycleAmong(graph: ReadableGraph, waiting: ReadonlyMap<string, number>): string[] {
  const back: string[] = [];
  const indexById = new Map<string, number>();
  let id = [...waiting.keys()].sort()[0] as string;
  while (!indexById.has(id)) {
    indexById.set(id, back.length);
    back.push(id);
    const edge = graph.incoming(id).find(({ source }) => waiting.has(source));
    id = must(edge, "a vertex that waits has an edge from one that waits").source;
  }
  const cycle = back.slice(indexById.get(id)).reverse();
  const first = cycle.indexOf([...cycle].sort()[0] as string);
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}
