/**
 * A graph: vertices, and directed edges between them, each named by its ends and a label. Removing a vertex hides its
 * edges, and they are back with it. What vertices and edges hold stands in `contents`, by the vertex's id or the
 * `edgeKey`, and is kept when they are removed.
 */
import type { AnyField, ReadContents, WriteContents } from "./contents.ts";
import { createField, type Field } from "./field.ts";
import { host } from "./host.ts";
import { openMap } from "./map.ts";

export interface GraphEdge {
  readonly source: string;
  readonly target: string;
  readonly label: string;
}

export interface Visited {
  readonly id: string;
  /** Edges between it and the start, on the way that the visit took. */
  readonly depth: number;
}

export type GraphSort =
  | { readonly kind: "sorted"; readonly order: readonly string[] }
  /** The members of a cycle, each with an edge to the next and the last with one to the first. */
  | { readonly kind: "cyclic"; readonly cycle: readonly string[] };

interface ReadonlyVertices {
  has(vertex: string): boolean;
  /** Whether the edge and both its ends are there. */
  hasEdge(source: string, target: string, label?: string): boolean;
  vertices(): string[];
  edges(): GraphEdge[];
  outgoing(vertex: string): GraphEdge[];
  incoming(vertex: string): GraphEdge[];
  neighbors(vertex: string): string[];
  /** The vertices that can be reached from one, the nearer first. */
  breadthFirst(start: string, limit?: number): Visited[];
  /** The vertices that can be reached from one, each before those beyond it. */
  depthFirst(start: string, limit?: number): Visited[];
  /** The vertices of a way with the fewest edges, both ends included; undefined when there is none. */
  shortestPath(source: string, target: string): string[] | undefined;
  /** Whether an edge between these two would close a cycle. */
  wouldCycle(source: string, target: string): boolean;
  /** The vertices, each after all that have an edge to it; a cycle when that cannot be. */
  sort(): GraphSort;
  /** The sets of vertices that hang together, whichever way the edges point. */
  components(): string[][];
  /** The vertices to which no edge leads. */
  sources(): string[];
  /** The vertices from which no edge leads. */
  sinks(): string[];
  /** The name of an edge in `contents`. */
  edgeKey(source: string, target: string, label?: string): string;
}

export interface ReadonlyGraph<Contents> extends ReadonlyVertices {
  readonly contents: Contents;
}

export interface Graph<Contents> extends ReadonlyGraph<Contents> {
  /** Whether the vertex was not there. */
  addVertex(id: string): boolean;
  /** Whether the vertex was there. */
  removeVertex(id: string): boolean;
  /** Draws an edge between two vertices that are there. Whether it was not there. */
  addEdge(source: string, target: string, label?: string): boolean;
  /** Whether the edge was there. */
  removeEdge(source: string, target: string, label?: string): boolean;
}

export interface GraphOptions {
  /** Whether of a concurrent addition and removal the removal stands. */
  readonly removeWins?: boolean;
}

/** Declares a graph whose vertices hold values, `tasks: graph(register<string>())`, or containers. */
export function graph<F extends AnyField>(
  inner: F,
  { removeWins = false }: GraphOptions = {},
): Field<ReadonlyGraph<ReadContents<F>>, Graph<WriteContents<F>>> {
  const type = removeWins ? "remove-wins-graph" : "graph";
  return createField<unknown, unknown>(type, (handle) => open(handle, inner), [inner]) as Field<
    ReadonlyGraph<ReadContents<F>>,
    Graph<WriteContents<F>>
  >;
}

/** A visit is bounded by the node; this is more. */
const VISIT_MAX = 1_000_000;

function open(handle: number, inner: AnyField): Graph<unknown> {
  return {
    has: (vertex) => host.graphHas(handle, vertex),
    hasEdge: (source, target, label = "") => host.graphHasEdge(handle, source, target, label),
    vertices: () => host.graphVertices(handle),
    edges: () => host.graphEdges(handle).map(toEdge),
    outgoing: (vertex) => host.graphOutgoing(handle, vertex).map(toEdge),
    incoming: (vertex) => host.graphIncoming(handle, vertex).map(toEdge),
    neighbors: (vertex) => host.graphNeighbors(handle, vertex),
    breadthFirst: (start, limit = VISIT_MAX) => host.graphBreadthFirst(handle, start, limit).map(toVisited),
    depthFirst: (start, limit = VISIT_MAX) => host.graphDepthFirst(handle, start, limit).map(toVisited),
    shortestPath: (source, target) => host.graphShortestPath(handle, source, target),
    wouldCycle: (source, target) => host.graphWouldCycle(handle, source, target),
    sort: () => {
      const [isSorted, ids] = host.graphSort(handle);
      return isSorted ? { kind: "sorted", order: ids } : { kind: "cyclic", cycle: ids };
    },
    components: () => host.graphComponents(handle),
    sources: () => host.graphSources(handle),
    sinks: () => host.graphSinks(handle),
    edgeKey: (source, target, label = "") => host.graphEdgeKey(source, target, label),
    addVertex: (id) => host.graphAddVertex(handle, id),
    removeVertex: (id) => host.graphRemoveVertex(handle, id),
    addEdge: (source, target, label = "") => host.graphAddEdge(handle, source, target, label),
    removeEdge: (source, target, label = "") => host.graphRemoveEdge(handle, source, target, label),
    get contents() {
      return openMap(host.graphContents(handle), inner);
    },
  };
}

function toEdge([source, target, label]: [string, string, string]): GraphEdge {
  return { source, target, label };
}

function toVisited([id, depth]: [string, number]): Visited {
  return { id, depth };
}
