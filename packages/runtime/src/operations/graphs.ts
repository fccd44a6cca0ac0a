/** Graphs. What a vertex or an edge holds lies in a map, which the guest opens as a container of its own. */
import { edgeKey, type GraphEdge, type Value } from "@dunlin/core/crdt";
import type { Frame } from "../frame.ts";
import type { ContainerWriter, View } from "../state-root.ts";
import { makes, type Operation, reads } from "./operation.ts";

export const GRAPH_OPERATIONS: readonly Operation[] = [
  makes("graphAddVertex", (f) => writer(f).addVertex(f.key(1))),
  makes("graphRemoveVertex", (f) => writer(f).removeVertex(f.key(1))),
  makes("graphAddEdge", (f) => writer(f).addEdge(f.key(1), f.key(2), f.key(3))),
  makes("graphRemoveEdge", (f) => writer(f).removeEdge(f.key(1), f.key(2), f.key(3))),
  reads("graphHas", (f) => graph(f).has(f.key(1))),
  reads("graphHasEdge", (f) => graph(f).hasEdge(f.key(1), f.key(2), f.key(3))),
  reads("graphVertices", (f) => [...graph(f).vertices()]),
  reads("graphEdges", (f) => whole(f).edges().map(edgeToValue)),
  reads("graphOutgoing", (f) => graph(f).outgoing(f.key(1)).map(edgeToValue)),
  reads("graphIncoming", (f) => graph(f).incoming(f.key(1)).map(edgeToValue)),
  reads("graphNeighbors", (f) => graph(f).neighbors(f.key(1))),
  reads("graphBreadthFirst", (f) => whole(f).breadthFirst(f.key(1), f.number(2)).map(visitedToValue)),
  reads("graphDepthFirst", (f) => whole(f).depthFirst(f.key(1), f.number(2)).map(visitedToValue)),
  reads("graphShortestPath", (f) => whole(f).shortestPath(f.key(1), f.key(2))),
  reads("graphWouldCycle", (f) => whole(f).wouldCycle(f.key(1), f.key(2))),
  reads("graphSort", (f) => {
    const sorted = whole(f).topologicalSort();
    return sorted.kind === "sorted" ? [true, [...sorted.order]] : [false, [...sorted.cycle]];
  }),
  reads("graphComponents", (f) => whole(f).connectedComponents()),
  reads("graphSources", (f) => whole(f).sources()),
  reads("graphSinks", (f) => whole(f).sinks()),
  reads("graphContents", (f) => f.open("map", graph(f).contents)),
  reads("graphEdgeKey", (f) => edgeKey(f.key(0), f.key(1), f.key(2))),
];

function graph(frame: Frame): View<"graph"> {
  return frame.view(0, "graph", "remove-wins-graph");
}

function writer(frame: Frame): ContainerWriter<"graph"> {
  return frame.writer(0, "graph", "remove-wins-graph");
}

/** The graph, for what may walk all its vertices and edges. */
function whole(frame: Frame): View<"graph"> {
  const found = graph(frame);
  const vertices = found.vertices();
  frame.walk(vertices.length);
  for (const id of vertices) frame.walk(found.outgoing(id).length);
  return found;
}

function edgeToValue({ source, target, label }: GraphEdge): Value {
  return [source, target, label];
}

function visitedToValue({ id, depth }: { readonly id: string; readonly depth: number }): Value {
  return [id, depth];
}
