/** Fields that are containers: their types and checks, what they hold at first, export and import, and who hears of them. */
import { createAsyncMemoryStore, createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, expectTypeOf, it } from "vitest";
import { type MapWriter, TREE_ROOT } from "../crdt/index.ts";
import { openDatabase } from "../database/open-database.ts";
import { exchange, openMember, seededOptions } from "../database/testing.ts";
import { ownerRange } from "./index/rows.ts";
import { graph, integer, list, map, register, set, string, text, tree } from "./index.ts";
import { OWNER_DEPTH_MAX } from "./limits.ts";

const boards = {
  fields: {
    name: register(string()),
    items: list(string({ maxLength: 9 })),
    outline: tree(),
    links: graph(),
    roads: graph({ removeWins: true }),
    body: text(),
    meta: map(),
    tags: set(string()),
  },
};

const open = async (seed = 1) => {
  const db = await openDatabase(seededOptions(createMemoryStore(), seed));
  return { db, boards: db.collection("boards", boards) };
};

const full = {
  id: "a",
  name: "a",
  items: ["x", "y"],
  outline: [{ id: "1", content: 2n ** 70n }, { id: "1a", parent: "1" }, { id: "2" }],
  links: {
    vertices: [{ id: "p", content: { $bigint: "no" } }, { id: "q" }],
    edges: [{ source: "p", target: "q", label: "to", content: [1] }],
  },
  roads: { vertices: [{ id: "r" }], edges: [] },
  body: "hello",
  meta: { k: 1 },
};

async function linesOf(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe("a field that is a list", () => {
  it("is filled, edited and read, with the types of its values", async () => {
    await using db = (await open()).db;
    const lists = db.collection("lists", { fields: { items: list(integer({ max: 9 })) } });
    const id = await lists.insert({ items: [1, 2, 3] });
    await lists.update(id, ({ items }) => {
      expectTypeOf(items.get(0)).toEqualTypeOf<number | undefined>();
      items.push(4, 5);
      items.insert(0, 0);
      items.move(0, 2);
      items.set(0, 9);
      items.delete(3);
      expect([items.length, items.get(1), [...items]]).toEqual([5, 2, [9, 2, 0, 4, 5]]);
    });
    const all = await lists.read(id, "items", (items) => items.toArray());
    expectTypeOf(all).toEqualTypeOf<number[] | undefined>();
    expect(all).toEqual([9, 2, 0, 4, 5]);
    expect(await lists.get(id)).toEqual({ id });
  });

  it("holds more values than one call takes", async () => {
    await using db = (await open()).db;
    const lists = db.collection("lists", { fields: { items: list(integer()) } });
    const items = Array.from({ length: 2_500 }, (_, i) => i);
    const id = await lists.insert({ items });
    expect(await lists.read(id, "items", (view) => view.toArray())).toEqual(items);
  });

  it("refuses what its checker refuses, at first and later, and has changed nothing then", async () => {
    const { db, boards } = await open();
    const bad = { code: "DOCUMENT_INVALID", place: { field: "items[1]" } };
    await expect(boards.insert({ name: "a", items: ["ok", "far too long"] })).rejects.toMatchObject(bad);
    const id = await boards.insert({ name: "a", items: ["x"] });
    const push = boards.update(id, ({ items }) => items.push("y", "far too long"));
    await expect(push).rejects.toMatchObject({ code: "DOCUMENT_INVALID", place: { id, field: "items" } });
    const outside = boards.update(id, ({ items }) => items.delete(3));
    await expect(outside).rejects.toMatchObject({ code: "LIST_OUT_OF_RANGE", place: { id } });
    expect(await boards.read(id, "items", (items) => items.toArray())).toEqual(["x"]);
    await db.close();
  });
});

describe("fields that are trees and graphs", () => {
  it("are filled, edited and read", async () => {
    const { db, boards } = await open();
    await boards.insert(full);
    await boards.update("a", ({ outline, links, roads }) => {
      outline.move("2", TREE_ROOT, 0);
      links.addEdge("q", "p");
      roads.addVertex("s");
    });
    expect(await boards.read("a", "outline", (view) => view.walk().map(({ id }) => id))).toEqual(["2", "1", "1a"]);
    expect(await boards.read("a", "links", (view) => view.shortestPath("q", "p"))).toEqual(["q", "p"]);
    expect(await boards.read("a", "roads", (view) => view.vertices())).toEqual(["r", "s"]);
    await db.close();
  });

  it.each([
    ["a tree that is no list", { outline: {} }],
    ["a node that is no object", { outline: ["1"] }],
    ["a node with an unknown part", { outline: [{ id: "1", name: "x" }] }],
    ["a node whose id is no text", { outline: [{ id: 1 }] }],
    ["a graph that is a list", { links: [] }],
    ["a vertex without an id", { links: { vertices: [{}] } }],
    ["an edge without an end", { links: { vertices: [], edges: [{ source: "p" }] } }],
    ["a graph with an unknown part", { roads: { vertices: [], loops: [] } }],
  ])("refuse %s", async (_name, input) => {
    const { db, boards } = await open();
    const insert = boards.insert({ name: "a", ...input } as never);
    await expect(insert).rejects.toMatchObject({ code: "DOCUMENT_INVALID", place: { field: Object.keys(input)[0] } });
    await db.close();
  });

  it.each([
    ["a node below one that is not there", { outline: [{ id: "1", parent: "0" }] }, "NODE_MISSING"],
    ["a node twice", { outline: [{ id: "1" }, { id: "1" }] }, "NODE_EXISTS"],
    ["an edge from nowhere", { links: { vertices: [], edges: [{ source: "p", target: "p" }] } }, "VERTEX_MISSING"],
  ])("refuse %s, and the document with it", async (_name, input, code) => {
    const { db, boards } = await open();
    await expect(boards.insert({ id: "a", name: "a", ...input })).rejects.toMatchObject({ code, place: { id: "a" } });
    expect(await boards.get("a")).toBeUndefined();
    await db.close();
  });
});

describe("an export of containers", () => {
  it("is taken in by an import, and exported again is the same", async () => {
    const [a, b] = [await open(1), await open(2)];
    await a.boards.insert(full);
    const lines = await linesOf(a.boards.exportLines());
    expect(await b.boards.importLines(lines)).toBe(1);
    expect(await linesOf(b.boards.exportLines())).toEqual(lines);
    expect(JSON.parse(lines[1] as string)).toMatchObject({ items: full.items, body: "hello", roads: full.roads });
    await a.db.close();
    await b.db.close();
  });
});

type Board = Parameters<
  Extract<Parameters<Awaited<ReturnType<typeof open>>["boards"]["update"]>[1], (b: never) => void>
>[0];

const edits: readonly (readonly [string, (board: Board) => void])[] = [
  ["a text", ({ body }) => body.insert(0, "x")],
  ["the marks of a text", ({ body }) => body.mark(0, 2, "bold", true)],
  ["a list", ({ items }) => items.push("z")],
  ["a map", ({ meta }) => void meta.set("k", 2)],
  ["a tree", ({ outline }) => outline.move("2", "1")],
  ["what a node holds", ({ outline }) => outline.contents.set("2", "held")],
  ["a graph", ({ links }) => void links.addVertex("new")],
  ["what a vertex of a remove-wins graph holds", ({ roads }) => roads.contents.set("r", "held")],
];

describe("a change within a container", () => {
  it.each(edits)("of a document is told of, here and where it is merged: %s", async (_name, edit) => {
    const { db, boards: ours } = await open();
    const other = await openMember(db, createMemoryStore(), 60);
    const theirs = other.collection("boards", boards);
    await ours.insert(full);
    await ours.insert({ ...full, id: "b" });
    await exchange(db, other);
    const told: (ReadonlySet<string> | "all")[] = [];
    using _ours = ours.onChange((ids) => told.push(ids));
    using _theirs = theirs.onChange((ids) => told.push(ids));
    await ours.update("a", edit);
    await exchange(db, other);
    expect(told).toEqual([new Set(["a"]), new Set(["a"])]);
    await db.close();
    await other.close();
  });

  it("is told of at any depth, by whoever made it, and in the feed", async () => {
    const { db, boards: ours } = await open();
    const other = await openMember(db, createMemoryStore(), 60);
    const theirs = other.collection("boards", boards);
    await ours.insert(full);
    await exchange(db, other);
    await theirs.update("a", ({ meta, items, outline }) => {
      meta.child("map", "in").child("list", "deep").insertContainer("text", 0).insert(0, "x");
      items.writer.insertContainer("tree", 0).contents.child("counter", "node").add(1);
      outline.contents.child("text", "1").insert(0, "x");
    });
    await exchange(other, db);
    const told: (ReadonlySet<string> | "all")[] = [];
    using _ = ours.onChange((ids) => told.push(ids));
    const deep: readonly ((board: Board) => void)[] = [
      ({ meta }) => meta.nested("map", "in")?.nested("list", "deep")?.nested("text", 0)?.insert(1, "y"),
      ({ items }) => items.writer.nested("tree", 0)?.contents.nested("counter", "node")?.add(1),
      ({ outline }) => void outline.contents.nested("text", "1")?.mark(0, 1, "bold", true),
    ];
    const since = db.version();
    for (const edit of deep) {
      await ours.update("a", edit);
      await theirs.update("a", edit);
      await exchange(other, db);
    }
    expect(told).toEqual(new Array(6).fill(new Set(["a"])));
    const changes: unknown[] = [];
    for await (const batch of db.changes({ since, limit: 1 })) {
      changes.push(
        ...batch.changes.map(({ collection, id, kind, fields, origin }) => [collection, id, kind, fields, origin]),
      );
      if (changes.length === 6) break;
    }
    const changeFrom = (origin: string) => ["boards", "a", "update", [], origin];
    expect(changes).toEqual(Array.from({ length: 6 }, (_, i) => changeFrom(i % 2 === 0 ? "here" : "elsewhere")));
    await db.close();
    await other.close();
  });

  it("is told of as deep as an owner is looked for, and no deeper", async () => {
    const { db, boards } = await open();
    await boards.insert(full);
    const descend = (meta: MapWriter, levels: number): MapWriter =>
      Array.from({ length: levels }).reduce<MapWriter>((map) => map.child("map", "in"), meta);
    await boards.update("a", ({ meta }) => void descend(meta, OWNER_DEPTH_MAX).set("k", 1));
    const told: (ReadonlySet<string> | "all")[] = [];
    using _ = boards.onChange((ids) => told.push(ids));
    await boards.update("a", ({ meta }) => void descend(meta, OWNER_DEPTH_MAX).set("k", 2));
    expect(told).toEqual([]);
    await boards.update("a", ({ meta }) => void descend(meta, OWNER_DEPTH_MAX - 1).set("k", 2));
    expect(told).toEqual([new Set(["a"])]);
    await db.close();
  });

  it("gives a live query another page, in which the document is another object and all others are the same", async () => {
    const { db, boards } = await open();
    await boards.insertMany([full, { ...full, id: "b" }]);
    const pages = boards.query({ orderBy: "id" }).watch();
    const first = (await pages.next()).value;
    await boards.update("a", ({ body }) => body.insert(0, "x"));
    const second = (await pages.next()).value;
    expect(second?.updated.map(({ document }) => document.id)).toEqual(["a"]);
    expect(second?.documents[0]).toEqual(first?.documents[0]);
    expect(second?.documents[0]).not.toBe(first?.documents[0]);
    expect(second?.documents[1]).toBe(first?.documents[1]);
    await pages.return();
    await db.close();
  });

  it("is told of by a store that must load the owner first", async () => {
    const store = createAsyncMemoryStore();
    const db = await openDatabase(seededOptions(store, 1));
    const ours = db.collection("boards", boards);
    await ours.insertMany([full, { ...full, id: "b" }]);
    const told = new Promise((resolve) => ours.onChange(resolve));
    await ours.update("b", ({ items }) => items.push("z"));
    expect(await told).toEqual(new Set(["b"]));
    await db.close();
  });

  it("of a document that was deleted and inserted again is that of the new one", async () => {
    const { db, boards } = await open();
    await boards.insert(full);
    await boards.delete("a");
    await boards.insert(full);
    const told: (ReadonlySet<string> | "all")[] = [];
    using _ = boards.onChange((ids) => told.push(ids));
    await boards.update("a", ({ items }) => items.push("z"));
    expect(told).toEqual([new Set(["a"])]);
    await db.close();
  });

  it("leaves no owner behind a deleted document", async () => {
    const store = createMemoryStore();
    const db = await openDatabase(seededOptions(store, 1));
    const ours = db.collection("boards", boards);
    const owners = () => [...store.range(ownerRange(db.context))].length;
    await ours.insert({ id: "plain", name: "plain" });
    expect(owners()).toBe(0);
    await ours.insert(full);
    // A text and its marks, a list, a map, a tree and two graphs with what they hold.
    expect(owners()).toBe(10);
    await ours.delete("a");
    expect(owners()).toBe(0);
    await db.close();
  });
});
