/**
 * What an insert takes for fields that are trees and graphs, and what an export gives of them: flat, whatever their
 * depth. Refused: what has another shape. Ids, parents and ends are for the tree and the graph to check.
 */
import {
  edgeKey,
  type GraphView,
  TREE_ROOT,
  type TreeView,
  type TreeWriter,
  type Value,
  type Views,
  type Writers,
} from "../../crdt/index.ts";
import type { ChildKind } from "./fields.ts";

/** A node of a tree; without a parent it is a top node. */
export interface TreeNodeInput {
  /** One is made when left out; nothing can be put below the node then. */
  readonly id?: string;
  readonly parent?: string;
  readonly content?: Value;
}

/** Each node after its parent, siblings in their order. */
export type TreeInput = readonly TreeNodeInput[];

export interface VertexInput {
  readonly id: string;
  readonly content?: Value;
}

export interface EdgeInput {
  readonly source: string;
  readonly target: string;
  readonly label?: string;
  readonly content?: Value;
}

export interface GraphInput {
  readonly vertices: readonly VertexInput[];
  readonly edges?: readonly EdgeInput[];
}

/** Why a value, which a field can hold, is no tree; undefined when it is. */
export function treeFault(value: Value): string | undefined {
  if (areItems(value, [], ["id", "parent"])) return undefined;
  return "expected nodes: [{ id, parent, content }], each after its parent";
}

/** Why a value, which a field can hold, is no graph; undefined when it is. */
export function graphFault(value: Value): string | undefined {
  const reason = "expected { vertices: [{ id, content }], edges: [{ source, target, label, content }] }";
  if (!isPlain(value)) return reason;
  const { vertices = [], edges = [], ...rest } = value as Readonly<Record<string, Value>>;
  const isGraph = areItems(vertices, ["id"], []) && areItems(edges, ["source", "target"], ["label"]);
  return isGraph && Object.keys(rest).length === 0 ? undefined : reason;
}

export function plantTree(tree: TreeWriter, nodes: TreeInput): void {
  for (const { id, parent = TREE_ROOT, content } of nodes) {
    const node = tree.create(parent, id === undefined ? {} : { id });
    if (content !== undefined) tree.contents.set(node, content);
  }
}

export function drawGraph(graph: Writers["graph"], { vertices, edges = [] }: GraphInput): void {
  for (const { id, content } of vertices) {
    graph.addVertex(id);
    if (content !== undefined) graph.contents.set(id, content);
  }
  for (const { source, target, label = "", content } of edges) {
    graph.addEdge(source, target, label);
    if (content !== undefined) graph.contents.set(edgeKey(source, target, label), content);
  }
}

/** What a container holds, as an insert takes it; undefined for one that an insert takes nothing for. */
export function childToValue<K extends ChildKind>(kind: K, view: Views[K]): Value | undefined {
  // The view is of the kind that stands beside it, which a switch cannot say.
  const of: Views[ChildKind] = view;
  switch (kind) {
    case "text":
      return (of as Views["text"]).toString();
    case "map":
      return Object.fromEntries((of as Views["map"]).entries());
    case "list":
      return (of as Views["list"]).toArray();
    case "tree":
      return treeToValue(of as Views["tree"]);
    case "graph":
    case "remove-wins-graph":
      return graphToValue(of as Views["graph"]);
    default:
      return undefined;
  }
}

function treeToValue(tree: TreeView<Views>): Value {
  const nodes: Value[] = [];
  for (let page = tree.walk(); page.length > 0; ) {
    for (const { id } of page) {
      const parent = tree.parentOf(id);
      nodes.push({ id, ...(parent === undefined || parent === TREE_ROOT ? {} : { parent }), ...held(tree, id) });
    }
    const last = page.at(-1);
    page = last === undefined ? [] : tree.walk({ after: last.id });
  }
  return nodes;
}

function graphToValue(graph: GraphView<Views>): Value {
  const edges = graph.edges().map(({ source, target, label }) => ({
    source,
    target,
    ...(label === "" ? {} : { label }),
    ...held(graph, edgeKey(source, target, label)),
  }));
  return { vertices: graph.vertices().map((id) => ({ id, ...held(graph, id) })), edges };
}

function held({ contents }: { readonly contents: Views["map"] }, key: string): { readonly content?: Value } {
  const content = contents.get(key);
  return content === undefined ? {} : { content };
}

/** Whether it is a list of objects that have all of `required`, perhaps some of `optional`, all texts, and a content. */
function areItems(value: Value, required: readonly string[], optional: readonly string[]): boolean {
  if (!Array.isArray(value)) return false;
  return value.every((item: Value) => {
    if (!isPlain(item)) return false;
    const keys = Object.keys(item).filter((key) => key !== "content");
    const isKnown = keys.every((key) => required.includes(key) || optional.includes(key));
    const areTexts = keys.every((key) => typeof (item as Readonly<Record<string, Value>>)[key] === "string");
    return isKnown && areTexts && required.every((key) => keys.includes(key));
  });
}

function isPlain(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
