import { describe, expect, it } from "vitest";
import type { Document } from "../document.ts";
import { TREE_ROOT } from "../move-tree/place.ts";
import { openDocument, refusalOf } from "../reference/documents.ts";
import { deliver, writeDelta } from "../reference/written-deltas.ts";
import type { Transaction } from "../transaction.ts";
import { PATH_SEGMENTS_MAX } from "./limits.ts";
import { at } from "./path-view.ts";
import { edit, PathRefused } from "./path-writer.ts";
import type { Path } from "./resolve.ts";

/** A field of every type that a path leads through. */
function fill(tx: Transaction): void {
  edit(tx, ["m", "a", "b", "text"]).ensure("text").insert(0, "hello");
  edit(tx, ["m", "a", "n"]).set(1);
  const tree = edit(tx, ["m", "tree"]).ensure("tree");
  tree.create("", { id: "top" });
  edit(tx, ["m", "tree", "top"]).set("title");
  const graph = edit(tx, ["m", "graph"]).ensure("remove-wins-graph");
  graph.addVertex("v");
  edit(tx, ["m", "graph", "v", "tags"]).ensure("set").add("x");
  const list = edit(tx, ["m", "list"]).ensure("list");
  list.push(5, 6);
  list.insertContainer("map", 1).set("k", 7);
  tx.field("records", "r").insert("doc").set("title", "one");
  edit(tx, ["r", "doc", "notes", "k"], "records").ensure("counter").add(2);
}

function filled(): Document {
  const document = openDocument();
  writeDelta(document, 1, fill);
  return document;
}

function refusalAt(document: Document, work: (tx: Transaction) => void): [code: string, segment: number] | undefined {
  const tx = document.begin({ ...ORIGIN, stamp: (document.lastStamp + 1) as typeof ORIGIN.stamp });
  try {
    work(tx);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof PathRefused)) throw thrown;
    expect(thrown.message).toContain(`segment ${thrown.segment} of the path`);
    return [thrown.code, thrown.segment];
  } finally {
    tx.rollback();
  }
}

const ORIGIN = writeDelta(openDocument(), 1, (tx) => tx.field("map", "m").set("a", 1)).origin;

describe("a path", () => {
  it("leads through maps, lists, trees, graphs and records", () => {
    const document = filled();
    expect(at(document, ["m", "a", "n"]).get()).toBe(1);
    expect(at(document, ["m", "a", "b", "text"]).container("text")?.toString()).toBe("hello");
    expect(at(document, ["m", "tree", "top"]).get()).toBe("title");
    expect(at(document, ["m", "graph", "v", "tags"]).container("set")?.values()).toEqual(["x"]);
    expect([at(document, ["m", "list", 0]).get(), at(document, ["m", "list", 1, "k"]).get()]).toEqual([5, 7]);
    expect(at(document, ["r", "doc", "title"], "records").get()).toBe("one");
    expect(at(document, ["r", "doc", "notes", "k"], "records").container("counter")?.value()).toBe(2);
  });

  it("says what is there", () => {
    const document = filled();
    const kindOf = (path: Path) => at(document, path).kind();
    expect([["m"], ["m", "a"], ["m", "a", "n"], ["m", "x"], ["m", "x", "y"]].map(kindOf)).toEqual([
      "map",
      "map",
      "value",
      "absent",
      "absent",
    ]);
    expect(
      [
        ["m", "tree", "top"],
        ["m", "tree", "x"],
        ["m", "graph", "v"],
        ["m", "graph", "x"],
      ].map(kindOf),
    ).toEqual(["value", "absent", "map", "absent"]);
    expect(
      [
        ["m", "list", 1],
        ["m", "list", 9],
      ].map(kindOf),
    ).toEqual(["map", "absent"]);
    const recordKind = (path: Path) => at(document, path, "records").kind();
    expect(
      [
        ["r", "doc"],
        ["r", "x"],
        ["r", "doc", "title"],
        ["r", "doc", "notes"],
        ["r", "doc", "x"],
      ].map(recordKind),
    ).toEqual(["record", "absent", "value", "map", "absent"]);
    expect([at(document, ["m", "a"]).get(), at(document, ["m", "a", "n"]).container("map")]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("names the segment that fails, and why", () => {
    const document = filled();
    const problem = (path: Path) => {
      const found = at(document, path).problem();
      return found && [found.code, found.segment];
    };
    expect(problem(["m", "a", "n"])).toBeUndefined();
    expect(problem(["m", "x"])).toBeUndefined();
    expect(problem(["m", "x", "y", "z"])).toEqual(["PATH_MISSING", 1]);
    expect(problem(["m", "a", "n", "y"])).toEqual(["PATH_TYPE", 2]);
    expect(problem(["m", "a", "b", "text", "y"])).toEqual(["PATH_TYPE", 3]);
    expect(problem(["m", "list", "k"])).toEqual(["PATH_INVALID", 2]);
    expect(problem(["m", "list", -1])).toEqual(["PATH_INVALID", 2]);
    expect(problem(["m", 1])).toEqual(["PATH_INVALID", 1]);
    expect(problem([])).toEqual(["PATH_INVALID", 0]);
    const deep = ["m", ...new Array<string>(PATH_SEGMENTS_MAX).fill("a")];
    expect(problem(deep)).toEqual(["PATH_INVALID", PATH_SEGMENTS_MAX]);
  });

  it("as long as may be is created and read", () => {
    const document = openDocument();
    const path = ["m", ...new Array<string>(PATH_SEGMENTS_MAX - 1).fill("a")];
    writeDelta(document, 1, (tx) => edit(tx, path).ensure("register").set(1));
    expect(at(document, path).container("register")?.get()).toBe(1);
  });
});

describe("writing by path", () => {
  it("refuses what leads nowhere, and changes nothing then", () => {
    const document = filled();
    expect(refusalAt(document, (tx) => edit(tx, ["m", "x", "y"]).set(1))).toEqual(["PATH_MISSING", 1]);
    expect(refusalAt(document, (tx) => edit(tx, ["m", "a", "n", "y"]).ensure("map"))).toEqual(["PATH_TYPE", 2]);
    expect(refusalAt(document, (tx) => edit(tx, ["m", "a", "b"]).ensure("text"))).toEqual(["PATH_TYPE", 2]);
    expect(refusalAt(document, (tx) => edit(tx, ["m", "tree", "x"]).set(1))).toEqual(["PATH_MISSING", 2]);
    expect(refusalAt(document, (tx) => edit(tx, ["m", "tree", "x", "y"]).ensure("map"))).toEqual(["PATH_MISSING", 2]);
    expect(refusalAt(document, (tx) => edit(tx, ["m", "list", 9, "y"]).ensure("map"))).toEqual(["PATH_MISSING", 2]);
    expect(refusalAt(document, (tx) => edit(tx, ["m"]).set(1))).toEqual(["PATH_TYPE", 0]);
    expect(refusalAt(document, (tx) => edit(tx, ["m"]).delete())).toEqual(["PATH_TYPE", 0]);
    expect(refusalAt(document, (tx) => edit(tx, ["r", "x", "y", "z"], "records").ensure("map"))).toEqual([
      "PATH_MISSING",
      1,
    ]);
    expect(refusalAt(document, (tx) => edit(tx, ["r", "doc", "notes"], "records").delete())).toEqual(["PATH_TYPE", 2]);
    expect(at(document, ["m", "a", "n"]).get()).toBe(1);
  });

  it("replaces and removes what is there, in every container", () => {
    const document = filled();
    const { origin } = writeDelta(document, 1, (tx) => {
      edit(tx, ["m", "a"]).set(2);
      edit(tx, ["m", "tree", "top"]).set("new");
      edit(tx, ["m", "list", 0]).set(8);
      edit(tx, ["r", "doc", "title"], "records").set("two");
      for (const path of [
        ["m", "x"],
        ["m", "x", "y"],
        ["m", "list", 9],
        ["m", "tree", "x"],
        ["m", "graph", "x"],
      ]) {
        expect(edit(tx, path).delete()).toBe(false);
      }
    });
    expect(origin.stamp).toBe(2);
    expect([
      at(document, ["m", "a"]).get(),
      at(document, ["m", "tree", "top"]).get(),
      at(document, ["m", "list", 0]).get(),
    ]).toEqual([2, "new", 8]);
    writeDelta(document, 1, (tx) => {
      for (const path of [
        ["m", "a"],
        ["m", "tree", "top"],
        ["m", "list", 0],
        ["m", "graph", "v"],
      ]) {
        expect(edit(tx, path).delete()).toBe(true);
      }
      expect(edit(tx, ["r", "doc", "title"], "records").delete()).toBe(true);
      expect(edit(tx, ["r", "doc", "title"], "records").delete()).toBe(false);
      expect(edit(tx, ["r", "doc"], "records").delete()).toBe(true);
    });
    expect(
      [
        ["m", "a"],
        ["m", "tree", "top"],
        ["m", "graph", "v"],
      ].map((path) => at(document, path).kind()),
    ).toEqual(["absent", "absent", "absent"]);
    expect(at(document, ["m", "list", 0, "k"]).get()).toBe(7);
    expect(at(document, ["m", "tree"]).container("tree")?.isRemoved("top")).toBe(true);
  });

  it("creates a path again after a delete new and empty", () => {
    const [a, b] = [openDocument(), openDocument()];
    const path = ["m", "a", "b", "text"];
    deliver(
      b,
      writeDelta(a, 1, (tx) => edit(tx, path).ensure("text").insert(0, "old")),
    );
    const late = writeDelta(b, 2, (tx) => edit(tx, path).ensure("text").insert(3, " late"));
    writeDelta(a, 1, (tx) => edit(tx, ["m", "a"]).delete());
    expect(at(a, path).kind()).toBe("absent");
    writeDelta(a, 1, (tx) => edit(tx, path).ensure("text"));
    deliver(a, late);
    expect(at(a, path).container("text")?.toString()).toBe("");
    writeDelta(a, 1, (tx) => edit(tx, path).ensure("text").insert(0, "new"));
    expect(at(a, path).container("text")?.toString()).toBe("new");
  });

  it("creates one thing where two create the same path at the same time", () => {
    const [a, b] = [openDocument(), openDocument()];
    const path = ["m", "a", "b", "set"];
    const one = writeDelta(a, 1, (tx) => edit(tx, path).ensure("set").add("one"));
    const two = writeDelta(b, 2, (tx) => edit(tx, path).ensure("set").add("two"));
    deliver(a, two);
    deliver(b, one);
    for (const document of [a, b]) expect(at(document, path).container("set")?.values()).toEqual(["one", "two"]);
  });

  it("sees what its transaction wrote, and is rolled back with it", () => {
    const document = filled();
    const tx = document.begin({ ...ORIGIN, stamp: 9 as typeof ORIGIN.stamp });
    edit(tx, ["m", "x", "y"]).ensure("counter").add(1);
    expect(edit(tx, ["m", "x", "y"]).container("counter")?.value()).toBe(1);
    expect(edit(tx, ["m", "x", "z"]).container("counter")).toBeUndefined();
    tx.rollback();
    expect(at(document, ["m", "x"]).kind()).toBe("absent");
    expect(refusalOf(() => edit(document.begin(ORIGIN_LATER), ["m", "a", "n"]).set(Number.NaN))).toBe("VALUE_INVALID");
  });
});

const ORIGIN_LATER = { ...ORIGIN, stamp: 10 as typeof ORIGIN.stamp };

it("a node that a path deletes is in the trash", () => {
  const document = filled();
  writeDelta(document, 1, (tx) => edit(tx, ["m", "tree", "top"]).delete());
  const tree = at(document, ["m", "tree"]).container("tree");
  expect([tree?.childrenOf(TREE_ROOT), tree?.isRemoved("top")]).toEqual([[], true]);
});
