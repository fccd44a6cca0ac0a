/** Writing to a graph: to the set of its vertices and edges, whose policy says what a concurrent add and removal leave. */
import type { ContainerWriter } from "../containers/container.ts";
import type { WriterHost, Writers } from "../handles/handles.ts";
import type { RemoveWinsSetWriter } from "../handles/remove-wins-set.ts";
import type { SetWriter } from "../handles/set.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { WriteRefused } from "../refusal.ts";
import { edgeKey, isLabel, isVertexId } from "./graph-key.ts";
import { type GraphTarget, GraphView } from "./graph-view.ts";
import { VERTEX_ID_BYTES_MAX } from "./limits.ts";

export class GraphWriter extends GraphView<Writers> implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  /** The vertices by id and the edges by `edgeKey`, whether an edge shows or hides. */
  readonly elements: SetWriter | RemoveWinsSetWriter;

  /** `elements` writes to the cells of `target`. */
  constructor(host: WriterHost, target: GraphTarget, elements: SetWriter | RemoveWinsSetWriter) {
    super(host, target);
    this.#host = host;
    this.elements = elements;
  }

  /** The cells of its vertices and edges, by their keys in memory. */
  elementCells(): [key: string, cell: unknown][] {
    const cells: [string, unknown][] = [];
    this.elements.target.visitAll((cell: unknown, key: string) => void cells.push([key, cell]));
    return cells;
  }

  /** Whether the vertex was not there; with it come the edges that were hidden while it was not. */
  addVertex(id: string): boolean {
    check(id, isVertexId);
    const isNew = !this.has(id);
    this.elements.add(id);
    return isNew;
  }

  /** Removes a vertex, and hides its edges. Whether it was there. */
  removeVertex(id: string): boolean {
    return this.has(id) && this.elements.delete(id);
  }

  /** Draws an edge between two vertices that are there, the same one among others. Whether it was not there. */
  addEdge(source: string, target: string, label = ""): boolean {
    for (const end of [source, target]) {
      if (!this.has(end)) throw new WriteRefused("VERTEX_MISSING", `vertex ${end} is not in the graph`);
    }
    check(label, isLabel);
    const isNew = !this.hasEdge(source, target, label);
    this.elements.add(edgeKey(source, target, label));
    return isNew;
  }

  /** Whether the edge was there. */
  removeEdge(source: string, target: string, label = ""): boolean {
    return this.hasEdge(source, target, label) && this.elements.delete(edgeKey(source, target, label));
  }

  joins(): ContainerJoins | undefined {
    const changed = this.elements.joins();
    if (changed?.type === "set") return { ...changed, type: "graph" };
    if (changed?.type === "remove-wins-set") return { ...changed, type: "remove-wins-graph" };
    return undefined;
  }

  commit(): void {
    this.elements.commit();
  }

  undo(): void {
    this.elements.undo();
    this.#host.discard("map", this.contentsId);
  }
}

function check(text: string, isValid: (text: string) => boolean): void {
  if (typeof text === "string" && text.isWellFormed() && isValid(text)) return;
  const message = `ids and labels are well-formed text of at most ${VERTEX_ID_BYTES_MAX} bytes of UTF-8, without U+0000`;
  throw new WriteRefused("KEY_INVALID", message);
}
