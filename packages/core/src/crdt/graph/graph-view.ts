/**
 * Graph: vertices, and directed edges between them, each named by its ends and a label. Removing a vertex hides its
 * edges, and they are back with it. What a vertex or an edge holds lies in a map beside the graph, under the vertex's
 * id or the `edgeKey`: a value, or a nested container; it is kept when they are removed.
 */
import type { ContainerId } from "../../base/index.ts";
import { GENERATION_ZERO, nestedContainerId } from "../cell-key.ts";
import type { Container } from "../containers/container.ts";
import type { HandleHost, Views } from "../handles/handles.ts";
import {
  breadthFirst,
  connectedComponents,
  depthFirst,
  neighborsOf,
  shortestPath,
  type TopologicalSort,
  topologicalSort,
  type Visited,
} from "./algorithms.ts";
import type { GraphIndex } from "./graph-index.ts";
import type { GraphEdge } from "./graph-key.ts";

/** A container of a graph, whichever of add and removal wins in it. */
export interface GraphTarget extends Container {
  graph(): GraphIndex;
}

export class GraphView<H extends Views> {
  readonly target: GraphTarget;
  readonly #handles: HandleHost<H>;
  #contentsId: ContainerId | undefined;

  constructor(handles: HandleHost<H>, target: GraphTarget) {
    this.#handles = handles;
    this.target = target;
  }

  /** What the vertices and edges hold, by id or `edgeKey`. */
  get contents(): H["map"] {
    return this.#handles.resolve("map", this.contentsId);
  }

  has(vertex: string): boolean {
    return this.target.graph().has(vertex);
  }

  /** Whether the edge and both its ends are there. */
  hasEdge(source: string, target: string, label = ""): boolean {
    return this.target.graph().hasEdge(source, target, label);
  }

  /** The ids of all vertices, ascending. */
  vertices(): readonly string[] {
    return this.target.graph().vertices();
  }

  /** All edges, by source, target and label. */
  edges(): GraphEdge[] {
    const index = this.target.graph();
    return index.vertices().flatMap((id) => index.outgoing(id));
  }

  /** The edges from a vertex, by target and label. */
  outgoing(vertex: string): readonly GraphEdge[] {
    return this.target.graph().outgoing(vertex);
  }

  /** The edges to a vertex, by source and label. */
  incoming(vertex: string): readonly GraphEdge[] {
    return this.target.graph().incoming(vertex);
  }

  /** The keys of all edges at a vertex, those that are hidden too. */
  edgesAt(vertex: string): string[] {
    return this.target.graph().edgesAt(vertex);
  }

  /** The vertices at the other ends of the edges from and to one, ascending. */
  neighbors(vertex: string): string[] {
    return neighborsOf(this.target.graph(), vertex);
  }

  /** The vertices that can be reached from one, the nearer first; at most `limit`. */
  breadthFirst(start: string, limit?: number): Visited[] {
    return breadthFirst(this.target.graph(), start, limit);
  }

  /** The vertices that can be reached from one, each before those beyond it; at most `limit`. */
  depthFirst(start: string, limit?: number): Visited[] {
    return depthFirst(this.target.graph(), start, limit);
  }

  /** The vertices of a way with the fewest edges, both ends included; undefined when there is none. */
  shortestPath(source: string, target: string): string[] | undefined {
    return shortestPath(this.target.graph(), source, target);
  }

  /** Whether an edge between these two would close a cycle. */
  wouldCycle(source: string, target: string): boolean {
    return source === target || this.shortestPath(target, source) !== undefined;
  }

  /** The vertices, each after all that have an edge to it; a cycle when that cannot be. */
  topologicalSort(): TopologicalSort {
    return topologicalSort(this.target.graph());
  }

  /** The sets of vertices that hang together, whichever way the edges point. */
  connectedComponents(): string[][] {
    return connectedComponents(this.target.graph());
  }

  /** The vertices to which no edge leads. */
  sources(): string[] {
    return this.vertices().filter((id) => this.incoming(id).length === 0);
  }

  /** The vertices from which no edge leads. */
  sinks(): string[] {
    return this.vertices().filter((id) => this.outgoing(id).length === 0);
  }

  protected get contentsId(): ContainerId {
    this.#contentsId ??= nestedContainerId(this.target.id, "contents", "map", GENERATION_ZERO);
    return this.#contentsId;
  }
}
