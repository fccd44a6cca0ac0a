import { describe, expect, it } from "vitest";
import { createPrng, type Prng } from "../../base/index.ts";
import {
  breadthFirst,
  connectedComponents,
  depthFirst,
  type ReadableGraph,
  shortestPath,
  topologicalSort,
} from "./algorithms.ts";
import { GraphIndex } from "./graph-index.ts";
import { edgeKey } from "./graph-key.ts";
import { VISIT_VERTICES_MAX } from "./limits.ts";

const idOf = (i: number): string => String.fromCharCode(97 + i);

function graphOf(count: number, edges: Iterable<readonly [from: number, to: number]>): GraphIndex {
  const graph = new GraphIndex();
  for (let i = 0; i < count; i++) graph.replace(idOf(i), true);
  for (const [from, to] of edges) graph.replace(edgeKey(idOf(from), idOf(to), ""), true);
  return graph;
}

function drawGraph(prng: Prng): GraphIndex {
  const count = 1 + prng.below(7);
  const edges = Array.from({ length: prng.below(2 * count) }, () => [prng.below(count), prng.below(count)] as const);
  return graphOf(count, edges);
}

/** Edges between every two vertices, by trying every vertex in between (Floyd and Warshall). */
function distances(graph: ReadableGraph): (from: string, to: string) => number {
  const ids = graph.vertices();
  const table = new Map(ids.flatMap((a) => ids.map((b) => [a + b, a === b ? 0 : Number.POSITIVE_INFINITY])));
  const at = (from: string, to: string): number => table.get(from + to) ?? Number.POSITIVE_INFINITY;
  for (const a of ids) for (const { target } of graph.outgoing(a)) if (target !== a) table.set(a + target, 1);
  for (const via of ids) {
    for (const a of ids) for (const b of ids) table.set(a + b, Math.min(at(a, b), at(a, via) + at(via, b)));
  }
  return at;
}

function hasEdge(graph: ReadableGraph, from: string, to: string): boolean {
  return graph.outgoing(from).some(({ target }) => target === to);
}

function checkVisits(graph: ReadableGraph, from: string, distance: (from: string, to: string) => number): void {
  const reachable = graph.vertices().filter((id) => distance(from, id) < Number.POSITIVE_INFINITY);
  const near = breadthFirst(graph, from);
  expect(near.map(({ id }) => id).sort()).toEqual(reachable);
  for (const { id, depth } of near) expect(depth).toBe(distance(from, id));
  const deep = depthFirst(graph, from);
  expect(deep.map(({ id }) => id).sort()).toEqual(reachable);
  for (const [i, { id, depth }] of deep.entries()) {
    // Each but the first was reached from the last one before it that is a level higher.
    const above = deep.slice(0, i).findLast((visited) => visited.depth === depth - 1);
    expect(i === 0 || (above !== undefined && hasEdge(graph, above.id, id))).toBe(true);
  }
}

function checkPath(
  graph: ReadableGraph,
  from: string,
  to: string,
  distance: (from: string, to: string) => number,
): void {
  const path = shortestPath(graph, from, to);
  if (path === undefined) {
    expect(distance(from, to)).toBe(Number.POSITIVE_INFINITY);
    return;
  }
  expect([path.length - 1, path[0], path.at(-1)]).toEqual([distance(from, to), from, to]);
  for (const [i, id] of path.slice(1).entries()) expect(hasEdge(graph, path[i]!, id)).toBe(true);
}

function checkSort(graph: ReadableGraph): "sorted" | "cyclic" {
  const sorted = topologicalSort(graph);
  if (sorted.kind === "cyclic") {
    const { cycle } = sorted;
    for (const [i, id] of cycle.entries()) expect(hasEdge(graph, id, cycle[(i + 1) % cycle.length]!)).toBe(true);
    expect(new Set(cycle).size).toBe(cycle.length);
    return "cyclic";
  }
  expect([...sorted.order].sort()).toEqual(graph.vertices());
  for (const [i, id] of sorted.order.entries()) {
    for (const { source } of graph.incoming(id)) expect(sorted.order.indexOf(source)).toBeLessThan(i);
  }
  return "sorted";
}

describe("questions about a graph", () => {
  it("are answered as the definitions say, on random graphs", () => {
    let cycles = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const graph = drawGraph(createPrng(seed));
      const distance = distances(graph);
      for (const from of graph.vertices()) {
        checkVisits(graph, from, distance);
        for (const to of graph.vertices()) checkPath(graph, from, to, distance);
      }
      if (checkSort(graph) === "cyclic") cycles++;
    }
    expect(cycles).toBeGreaterThan(100);
    expect(cycles).toBeLessThan(390);
  });

  it("give connected components whichever way the edges point", () => {
    const graph = graphOf(6, [
      [1, 0],
      [1, 2],
      [4, 4],
      [5, 3],
    ]);
    expect(connectedComponents(graph)).toEqual([["a", "b", "c"], ["d", "f"], ["e"]]);
  });

  it("choose the smaller id first", () => {
    const graph = graphOf(5, [
      [0, 2],
      [0, 1],
      [1, 4],
      [2, 4],
      [3, 4],
    ]);
    expect(shortestPath(graph, "a", "e")).toEqual(["a", "b", "e"]);
    expect(topologicalSort(graph)).toEqual({ kind: "sorted", order: ["a", "b", "c", "d", "e"] });
    expect(depthFirst(graph, "a").map(({ id }) => id)).toEqual(["a", "b", "e", "c"]);
  });

  it("know nothing of vertices that are not there", () => {
    const graph = graphOf(1, []);
    expect([breadthFirst(graph, "x"), depthFirst(graph, "x"), shortestPath(graph, "a", "x")]).toEqual([
      [],
      [],
      undefined,
    ]);
    expect([shortestPath(graph, "x", "a"), shortestPath(graph, "a", "a")]).toEqual([undefined, ["a"]]);
  });

  it("stop at the limit, on a path that is longer than any stack", () => {
    const graph = new GraphIndex();
    const id = (i: number): string => `v${i}`;
    for (let i = 0; i <= VISIT_VERTICES_MAX; i++) graph.replace(id(i), true);
    for (let i = 0; i < VISIT_VERTICES_MAX; i++) graph.replace(edgeKey(id(i), id(i + 1), ""), true);
    expect(breadthFirst(graph, id(0), Number.POSITIVE_INFINITY)).toHaveLength(VISIT_VERTICES_MAX);
    expect(depthFirst(graph, id(0), Number.POSITIVE_INFINITY)).toHaveLength(VISIT_VERTICES_MAX);
    expect(breadthFirst(graph, id(0), 3).map((visited) => visited.depth)).toEqual([0, 1, 2]);
    expect(depthFirst(graph, id(0), 3).map((visited) => visited.depth)).toEqual([0, 1, 2]);
    expect([breadthFirst(graph, id(0), 0), depthFirst(graph, id(0), 0)]).toEqual([[], []]);
    expect(shortestPath(graph, id(0), id(VISIT_VERTICES_MAX))).toHaveLength(VISIT_VERTICES_MAX + 1);
    expect(topologicalSort(graph).kind).toBe("sorted");
    expect(connectedComponents(graph)).toHaveLength(1);
  });
});
