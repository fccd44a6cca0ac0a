import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../base/index.ts";
import type { ContainerType } from "../container-type.ts";
import type { Document } from "../document.ts";
import { encodeJoins } from "../joins/joins.ts";
import { openDocument } from "../reference/documents.ts";
import { originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { deliver, refusalIn, type WrittenDelta, writeDelta } from "../reference/written-deltas.ts";
import { edgeKey } from "./graph-key.ts";
import type { GraphWriter } from "./graph-writer.ts";
import { VERTEX_ID_BYTES_MAX } from "./limits.ts";

type GraphType = "graph" | "remove-wins-graph";
type Work = (graph: GraphWriter) => void;

const TYPES: readonly GraphType[] = ["graph", "remove-wins-graph"];

/** a -> b -> c, a -> c, b -> b */
function sample(graph: GraphWriter): void {
  for (const id of ["a", "b", "c"]) expect(graph.addVertex(id)).toBe(true);
  expect(graph.addEdge("a", "b", "x")).toBe(true);
  expect(graph.addEdge("b", "c", "x")).toBe(true);
  expect(graph.addEdge("a", "c")).toBe(true);
  expect(graph.addEdge("b", "b", "y")).toBe(true);
}

const shape = (document: Document, type: GraphType): string[] => {
  const graph = document.field(type, "g");
  return [...graph.vertices(), ...graph.edges().map(({ source, target, label }) => `${source}-${label}-${target}`)];
};

describe.each(TYPES)("a %s", (type) => {
  const write = (document: Document, actor: number, work: Work): WrittenDelta =>
    writeDelta(document, actor, (tx) => work(tx.field(type, "g")));

  it("is read from every side", () => {
    const document = openDocument();
    write(document, 1, sample);
    const graph = document.field(type, "g");
    expect(shape(document, type)).toEqual(["a", "b", "c", "a-x-b", "a--c", "b-y-b", "b-x-c"]);
    expect(graph.outgoing("b")).toEqual([
      { source: "b", target: "b", label: "y" },
      { source: "b", target: "c", label: "x" },
    ]);
    expect(graph.incoming("c").map(({ source }) => source)).toEqual(["a", "b"]);
    expect([graph.outgoing("x"), graph.neighbors("x")]).toEqual([[], []]);
    expect(graph.neighbors("a")).toEqual(["b", "c"]);
    expect([graph.has("a"), graph.has("x")]).toEqual([true, false]);
    expect([graph.hasEdge("a", "c"), graph.hasEdge("a", "c", "x"), graph.hasEdge("c", "a")]).toEqual([
      true,
      false,
      false,
    ]);
    expect([graph.sources(), graph.sinks()]).toEqual([["a"], ["c"]]);
  });

  it("hides the edges of a vertex that is removed, and shows them when it is back", () => {
    const document = openDocument();
    write(document, 1, sample);
    const before = shape(document, type);
    write(document, 1, (graph) => {
      expect(graph.removeVertex("b")).toBe(true);
      expect(graph.removeVertex("b")).toBe(false);
      expect(graph.removeEdge("a", "b", "x")).toBe(false);
    });
    expect(shape(document, type)).toEqual(["a", "c", "a--c"]);
    write(document, 1, (graph) => graph.addVertex("b"));
    expect(shape(document, type)).toEqual(before);
    write(document, 1, (graph) => expect(graph.removeEdge("b", "c", "x")).toBe(true));
    expect(document.field(type, "g").hasEdge("b", "c", "x")).toBe(false);
  });

  it("holds values and containers at vertices and edges", () => {
    const document = openDocument();
    write(document, 1, (graph) => {
      sample(graph);
      graph.contents.set("a", "Ann");
      graph.contents.child("counter", edgeKey("a", "b", "x")).add(3);
    });
    const { contents } = document.field(type, "g");
    expect([contents.get("a"), contents.nested("counter", edgeKey("a", "b", "x"))?.value()]).toEqual(["Ann", 3]);
  });

  it("refuses edges without ends, and ids that are none", () => {
    const document = openDocument();
    write(document, 1, sample);
    const refusal = (work: Work): string | undefined => refusalIn(document, (tx) => work(tx.field(type, "g")));
    expect(refusal((graph) => graph.addEdge("a", "x"))).toBe("VERTEX_MISSING");
    expect(refusal((graph) => graph.addEdge("x", "a"))).toBe("VERTEX_MISSING");
    for (const id of [
      "",
      "a\u0000",
      "\ud800",
      "v".repeat(VERTEX_ID_BYTES_MAX + 1),
      "ł".repeat(VERTEX_ID_BYTES_MAX / 2 + 1),
    ]) {
      expect(refusal((graph) => graph.addVertex(id))).toBe("KEY_INVALID");
      if (id !== "") expect(refusal((graph) => graph.addEdge("a", "b", id))).toBe("KEY_INVALID");
    }
    const longest = "v".repeat(VERTEX_ID_BYTES_MAX);
    write(document, 1, (graph) => {
      graph.addVertex(longest);
      graph.addEdge(longest, longest, longest);
      graph.contents.set(edgeKey(longest, longest, longest), 1);
    });
    expect(document.field(type, "g").hasEdge(longest, longest, longest)).toBe(true);
  });

  it("is as before after a rollback, and as written after it was opened again", () => {
    const source = new MemorySource();
    const document = openDocument(source);
    write(document, 1, sample);
    const before = shape(document, type);
    const tx = document.begin(originOf(9, 1));
    const graph = tx.field(type, "g");
    graph.removeVertex("a");
    graph.addVertex("d");
    graph.addEdge("b", "d");
    graph.contents.set("d", 1);
    tx.rollback();
    expect(shape(document, type)).toEqual(before);
    expect(document.field(type, "g").contents.size).toBe(0);
    source.put(document.takeDirty());
    expect(shape(openDocument(source), type)).toEqual(before);
  });

  it("is a new one where it is created again in a map", () => {
    const document = openDocument();
    const tx = document.begin(originOf(1, 1));
    const map = tx.field("map", "m");
    const graph = map.child(type, "g");
    graph.addVertex("a");
    graph.contents.set("a", 1);
    map.delete("g");
    expect([map.child(type, "g").vertices(), map.child(type, "g").contents.size]).toEqual([[], 0]);
    tx.commit();
  });

  it("takes from a forger no element that names neither vertex nor edge", () => {
    const joinsOf = (element: string | number): Uint8Array =>
      type === "graph"
        ? encodeJoins([{ type, name: "g", joins: [{ element, removals: [] }] }])
        : encodeJoins([{ type, name: "g", joins: [{ element, undone: [] }] }]);
    const applies = (element: string | number): boolean => openDocument().apply(joinsOf(element), originOf(1, 1)).ok;
    for (const element of ["a", "a\u0000b\u0000", "a\u0000b\u0000label"]) expect(applies(element)).toBe(true);
    const long = "v".repeat(VERTEX_ID_BYTES_MAX + 1);
    for (const element of [
      7,
      "",
      "\u0000",
      "a\u0000b",
      "a\u0000\u0000",
      "\u0000b\u0000",
      "a\u0000b\u0000c\u0000d",
      long,
    ]) {
      expect(applies(element)).toBe(false);
    }
  });
});

describe("an add and a removal at the same time", () => {
  /** What both of two replicas show at last that share a history and then each write some deltas. */
  function race(type: GraphType, left: readonly Work[], right: readonly Work[]): string[] {
    const writeAll = (document: Document, actor: number, works: readonly Work[]): WrittenDelta[] =>
      works.map((work) => writeDelta(document, actor, (tx) => work(tx.field(type, "g"))));
    const [a, b] = [openDocument(), openDocument()];
    deliver(b, ...writeAll(a, 1, [sample]));
    // Reading makes the index, so that what comes is followed and not read anew.
    expect(shape(a, type)).toEqual(shape(b, type));
    const [ones, twos] = [writeAll(a, 1, left), writeAll(b, 2, right)];
    deliver(a, ...twos);
    deliver(b, ...ones);
    expect(shape(a, type)).toEqual(shape(b, type));
    expect(bytesToHex(a.root())).toBe(bytesToHex(b.root()));
    return shape(a, type);
  }
  const add: Work = (graph) => void graph.addVertex("d");
  const remove: Work = (graph) => void graph.removeVertex("d");

  it("leave the vertex in where adds win", () => {
    expect(race("graph", [add], [add, remove])).toContain("d");
  });

  it("take the vertex out where removals win", () => {
    expect(race("remove-wins-graph", [add], [add, remove])).not.toContain("d");
  });

  it("of a vertex and an edge to it never leave an edge without an end", () => {
    const draw: Work = (graph) => void graph.addEdge("c", "b", "new");
    for (const type of TYPES) {
      expect(race(type, [draw], [(graph) => void graph.removeVertex("b")])).toEqual(["a", "c", "a--c"]);
    }
  });
});

it("graphs of the two policies are different containers", () => {
  const document = openDocument();
  writeDelta(document, 1, (tx) => tx.field("graph", "g").addVertex("a"));
  const types: readonly ContainerType[] = TYPES;
  expect(types.map((type) => document.field(type as GraphType, "g").vertices())).toEqual([["a"], []]);
});
