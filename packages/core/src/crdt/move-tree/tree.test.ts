import { describe, expect, it } from "vitest";
import type { Document } from "../document.ts";
import { openDocument } from "../reference/documents.ts";
import { originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { deliver, refusalIn, type WrittenDelta, writeDelta } from "../reference/written-deltas.ts";
import { NODE_ID_BYTES_MAX, WALK_PAGE_NODES_MAX } from "./limits.ts";
import { placeKey, TREE_ROOT, TREE_TRASH } from "./place.ts";
import { plantSample, shapeOf } from "./reference/sample-tree.ts";
import type { TreeWriter } from "./tree-writer.ts";

type Work = (tree: TreeWriter) => void;

const write = (document: Document, actor: number, work: Work): WrittenDelta =>
  writeDelta(document, actor, (tx) => work(tx.field("tree", "t")));

const refusalOf = (document: Document, work: Work): string | undefined =>
  refusalIn(document, (tx) => work(tx.field("tree", "t")));

describe("a movable tree", () => {
  it("is read from both ends", () => {
    const document = openDocument();
    write(document, 1, plantSample);
    const tree = document.field("tree", "t");
    expect(shapeOf(document)).toEqual(["-a", "--b", "---c", "--d", "-e"]);
    expect(tree.size).toBe(5);
    expect([tree.parentOf("c"), tree.parentOf("a"), tree.parentOf("x")]).toEqual(["b", TREE_ROOT, undefined]);
    expect([tree.childrenOf("a"), tree.childrenOf(TREE_ROOT), tree.childrenOf("x")]).toEqual([
      ["b", "d"],
      ["a", "e"],
      [],
    ]);
    expect([tree.childCount("a"), tree.childAt("a", 1), tree.childAt("a", 2)]).toEqual([2, "d", undefined]);
    expect([tree.indexOf("d"), tree.indexOf("x")]).toEqual([1, undefined]);
    expect([tree.ancestors("c"), tree.ancestors("a")]).toEqual([["b", "a"], []]);
    expect([tree.isDescendant("c", "a"), tree.isDescendant("c", TREE_ROOT), tree.isDescendant("a", "c")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("is walked in pages, from any node", () => {
    const document = openDocument();
    write(document, 1, plantSample);
    const tree = document.field("tree", "t");
    const whole = tree.walk();
    const pages: unknown[] = [];
    for (let page = tree.walk({ limit: 2 }); page.length > 0; page = tree.walk({ limit: 2, after: page.at(-1)!.id })) {
      pages.push(...page);
    }
    expect(pages).toEqual(whole);
    expect(tree.walk({ from: "a" })).toEqual([
      { id: "b", depth: 1 },
      { id: "c", depth: 2 },
      { id: "d", depth: 1 },
    ]);
    expect(tree.walk({ from: "a", after: "d" })).toEqual([]);
    expect(tree.walk({ from: "b", after: "e" })).toEqual([]);
    expect(tree.walk({ from: "x" })).toEqual([]);
  });

  it("gives at most a page of nodes at once", () => {
    const document = openDocument();
    write(document, 1, (tree) => {
      for (let i = 0; i <= WALK_PAGE_NODES_MAX; i++) tree.create(TREE_ROOT);
    });
    const tree = document.field("tree", "t");
    expect(tree.size).toBe(WALK_PAGE_NODES_MAX + 1);
    expect(tree.walk({ limit: Number.POSITIVE_INFINITY })).toHaveLength(WALK_PAGE_NODES_MAX);
  });

  it("moves a node with all that is below it, and orders siblings by index", () => {
    const document = openDocument();
    write(document, 1, plantSample);
    write(document, 1, (tree) => tree.move("b", "e"));
    expect(shapeOf(document)).toEqual(["-a", "--d", "-e", "--b", "---c"]);
    write(document, 1, (tree) => {
      tree.move("d", TREE_ROOT, 0);
      tree.move("e", TREE_ROOT, 0);
      tree.move("e", TREE_ROOT, 1);
      tree.create("b", { id: "f", index: 0 });
    });
    expect(shapeOf(document)).toEqual(["-d", "-e", "--b", "---f", "---c", "-a"]);
  });

  it("keeps what is removed in the trash, from where a move brings it back", () => {
    const document = openDocument();
    write(document, 1, plantSample);
    write(document, 1, (tree) => {
      tree.contents.set("c", 7);
      expect(tree.remove("b")).toBe(true);
      expect(tree.remove("b")).toBe(false);
      expect(tree.remove("c")).toBe(false);
    });
    const tree = document.field("tree", "t");
    expect(shapeOf(document)).toEqual(["-a", "--d", "-e"]);
    expect([tree.has("c"), tree.isRemoved("c"), tree.isRemoved("a"), tree.isRemoved("x")]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(tree.childrenOf(TREE_TRASH)).toEqual(["b"]);
    write(document, 1, (writer) => {
      writer.move("c", TREE_ROOT);
      writer.move("b", "c");
    });
    expect(shapeOf(document)).toEqual(["-a", "--d", "-e", "-c", "--b"]);
    expect(tree.contents.get("c")).toBe(7);
  });

  it("refuses what would break it, and changes nothing then", () => {
    const document = openDocument();
    write(document, 1, plantSample);
    write(document, 1, (tree) => tree.remove("e"));
    const before = shapeOf(document);
    expect(refusalOf(document, (tree) => tree.create("x"))).toBe("NODE_MISSING");
    expect(refusalOf(document, (tree) => tree.create("e"))).toBe("NODE_MISSING");
    expect(refusalOf(document, (tree) => tree.move("x", "a"))).toBe("NODE_MISSING");
    expect(refusalOf(document, (tree) => tree.move("a", "x"))).toBe("NODE_MISSING");
    expect(refusalOf(document, (tree) => tree.move("a", "c"))).toBe("NODE_CYCLE");
    expect(refusalOf(document, (tree) => tree.move("a", "a"))).toBe("NODE_CYCLE");
    expect(refusalOf(document, (tree) => tree.create("a", { id: "c" }))).toBe("NODE_EXISTS");
    expect(refusalOf(document, (tree) => tree.create("a", { id: "e" }))).toBe("NODE_EXISTS");
    for (const index of [-1, 3, 0.5, Number.NaN]) {
      expect(refusalOf(document, (tree) => tree.create("a", { index }))).toBe("TREE_OUT_OF_RANGE");
      expect(refusalOf(document, (tree) => tree.move("c", "a", index))).toBe("TREE_OUT_OF_RANGE");
    }
    expect(refusalOf(document, (tree) => tree.move("b", "a", 2))).toBe("TREE_OUT_OF_RANGE");
    for (const id of [
      "",
      "a\u0000b",
      "\ud800",
      "n".repeat(NODE_ID_BYTES_MAX + 1),
      "ł".repeat(NODE_ID_BYTES_MAX / 2 + 1),
    ]) {
      expect(refusalOf(document, (tree) => tree.create("a", { id }))).toBe("KEY_INVALID");
    }
    expect(shapeOf(document)).toEqual(before);
    write(document, 1, (tree) => tree.create("a", { id: "ł".repeat(NODE_ID_BYTES_MAX / 2) }));
  });

  it("refuses to put a node where no room is left", () => {
    const document = openDocument();
    const zigzag = (tree: TreeWriter): void => {
      tree.create(TREE_ROOT);
      for (let i = 1; i < 2000; i++) tree.create(TREE_ROOT, { index: i >> 1 });
    };
    expect(refusalOf(document, zigzag)).toBe("TREE_PLACE_FULL");
  });

  it("gives derived ids, the same when a transaction runs again and never twice", () => {
    const ids = (actor: number): string[] => {
      const tx = openDocument().begin(originOf(1, actor));
      return [1, 2, 3].map(() => tx.field("tree", "t").create(TREE_ROOT));
    };
    expect(ids(1)).toEqual(ids(1));
    expect(new Set([...ids(1), ...ids(2)]).size).toBe(6);
  });

  it("is as before after a rollback, and as written after it was opened again", () => {
    const source = new MemorySource();
    const document = openDocument(source);
    write(document, 1, plantSample);
    const before = shapeOf(document);
    const tx = document.begin(originOf(9, 1));
    const tree = tx.field("tree", "t");
    tree.move("b", "e");
    tree.move("b", TREE_ROOT);
    const fresh = tree.create("b");
    tree.create(fresh);
    tree.contents.set(fresh, 1);
    tree.remove("a");
    tx.rollback();
    expect(shapeOf(document)).toEqual(before);
    expect(document.field("tree", "t").contents.size).toBe(0);
    source.put(document.takeDirty());
    expect(shapeOf(openDocument(source))).toEqual(before);
  });

  it("records of several moves in a transaction only the last", () => {
    const document = openDocument();
    const first = write(document, 1, plantSample);
    const second = write(document, 1, (tree) => {
      tree.move("c", "e");
      tree.move("c", "d");
      tree.move("c", TREE_ROOT);
      tree.move("c", "d");
    });
    const other = openDocument();
    deliver(other, first, second);
    expect(shapeOf(other)).toEqual(["-a", "--b", "--d", "---c", "-e"]);
    expect(other.root()).toEqual(document.root());
    const key = placeKey("c", "e");
    expect(other.field("tree", "t").target.get(key)).toBeUndefined();
  });

  it("holds nested containers at its nodes, and is one in a map", () => {
    const document = openDocument();
    const tx = document.begin(originOf(1, 1));
    const tree = tx.field("map", "m").child("tree", "outline");
    const node = tree.create(TREE_ROOT);
    tree.contents.child("text", node).insert(0, "hello");
    tx.commit();
    const view = document.field("map", "m").nested("tree", "outline");
    expect(view?.contents.nested("text", node)?.toString()).toBe("hello");

    const again = document.begin(originOf(2, 1));
    again.field("map", "m").delete("outline");
    const fresh = again.field("map", "m").child("tree", "outline");
    expect([fresh.size, fresh.contents.size]).toEqual([0, 0]);
    again.commit();
  });

  it("is gone when it was created, filled, deleted and created again in one transaction", () => {
    const document = openDocument();
    const tx = document.begin(originOf(1, 1));
    const map = tx.field("map", "m");
    const tree = map.child("tree", "t");
    tree.contents.set(tree.create(TREE_ROOT, { id: "n" }), 1);
    map.delete("t");
    const fresh = map.child("tree", "t");
    expect([fresh.size, fresh.contents.size]).toEqual([0, 0]);
    tx.commit();
  });
});
