/**
 * Vertices and edges by their ends, kept up to date element by element. An edge shows while both its ends do: one whose
 * end was removed is kept, and comes back with it. Everything is given in the order of ids, alike on every replica.
 */
import { edgeKey, type GraphEdge, keyToEdge } from "./graph-key.ts";

interface Vertex {
  readonly id: string;
  isPresent: boolean;
  /** By the key of the edge, dangling ones included. */
  readonly outgoing: Map<string, GraphEdge>;
  readonly incoming: Map<string, GraphEdge>;
  /** What of them shows, in order; forgotten when an edge or an end changes. */
  shownOutgoing: readonly GraphEdge[] | undefined;
  shownIncoming: readonly GraphEdge[] | undefined;
}

const NO_EDGES: readonly GraphEdge[] = [];

export class GraphIndex {
  readonly #vertices = new Map<string, Vertex>();
  #shownVertices: readonly string[] | undefined;

  /** Takes in whether the vertex or edge of a key is there. */
  replace(key: string, isPresent: boolean): void {
    const edge = keyToEdge(key);
    if (edge === undefined) this.#replaceVertex(key, isPresent);
    else this.#replaceEdge(key, edge, isPresent);
  }

  has(id: string): boolean {
    return this.#vertices.get(id)?.isPresent === true;
  }

  hasEdge(source: string, target: string, label: string): boolean {
    if (!this.has(source) || !this.has(target)) return false;
    return this.#vertices.get(source)?.outgoing.has(edgeKey(source, target, label)) === true;
  }

  vertices(): readonly string[] {
    this.#shownVertices ??= [...this.#vertices.values()]
      .filter((vertex) => vertex.isPresent)
      .map((vertex) => vertex.id)
      .sort();
    return this.#shownVertices;
  }

  outgoing(id: string): readonly GraphEdge[] {
    const vertex = this.#vertices.get(id);
    if (vertex?.isPresent !== true) return NO_EDGES;
    vertex.shownOutgoing ??= this.#shown(vertex.outgoing);
    return vertex.shownOutgoing;
  }

  incoming(id: string): readonly GraphEdge[] {
    const vertex = this.#vertices.get(id);
    if (vertex?.isPresent !== true) return NO_EDGES;
    vertex.shownIncoming ??= this.#shown(vertex.incoming);
    return vertex.shownIncoming;
  }

  /** The keys of all edges from and to a vertex, those that hide too. */
  edgesAt(id: string): string[] {
    const vertex = this.#vertices.get(id);
    return vertex === undefined ? [] : [...vertex.outgoing.keys(), ...vertex.incoming.keys()];
  }

  #shown(edges: ReadonlyMap<string, GraphEdge>): readonly GraphEdge[] {
    const keys = [...edges].filter(([, edge]) => this.has(edge.source) && this.has(edge.target));
    return keys.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
  }

  #replaceVertex(id: string, isPresent: boolean): void {
    const vertex = this.#open(id);
    if (vertex.isPresent !== isPresent) {
      vertex.isPresent = isPresent;
      this.#shownVertices = undefined;
      for (const edge of vertex.outgoing.values()) this.#open(edge.target).shownIncoming = undefined;
      for (const edge of vertex.incoming.values()) this.#open(edge.source).shownOutgoing = undefined;
      vertex.shownOutgoing = undefined;
      vertex.shownIncoming = undefined;
    }
    this.#forget(vertex);
  }

  #replaceEdge(key: string, edge: GraphEdge, isPresent: boolean): void {
    const [source, target] = [this.#open(edge.source), this.#open(edge.target)];
    if (source.outgoing.has(key) !== isPresent) {
      if (isPresent) {
        source.outgoing.set(key, edge);
        target.incoming.set(key, edge);
      } else {
        source.outgoing.delete(key);
        target.incoming.delete(key);
      }
      source.shownOutgoing = undefined;
      target.shownIncoming = undefined;
    }
    this.#forget(source);
    this.#forget(target);
  }

  #open(id: string): Vertex {
    const known = this.#vertices.get(id);
    if (known !== undefined) return known;
    const vertex: Vertex = {
      id,
      isPresent: false,
      outgoing: new Map(),
      incoming: new Map(),
      shownOutgoing: undefined,
      shownIncoming: undefined,
    };
    this.#vertices.set(id, vertex);
    return vertex;
  }

  #forget(vertex: Vertex): void {
    if (vertex.isPresent || vertex.outgoing.size > 0 || vertex.incoming.size > 0) return;
    this.#vertices.delete(vertex.id);
  }
}
