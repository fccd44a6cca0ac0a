import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../base/index.ts";
import type { Document } from "../document.ts";
import { encodeJoins } from "../joins/joins.ts";
import { openDocument } from "../reference/documents.ts";
import { originOf } from "../reference/draw.ts";
import { deliver, type WrittenDelta, writeDelta } from "../reference/written-deltas.ts";
import { NODE_ID_BYTES_MAX, POSITION_CHARS_MAX } from "./limits.ts";
import { TREE_ROOT } from "./place.ts";
import { plantSample, shapeOf } from "./reference/sample-tree.ts";
import type { TreeWriter } from "./tree-writer.ts";

type Work = (tree: TreeWriter) => void;

const write = (document: Document, actor: number, work: Work): WrittenDelta =>
  writeDelta(document, actor, (tx) => work(tx.field("tree", "t")));

describe("concurrent moves", () => {
  /** Two replicas that share a history, the deltas that each then writes, and what both show at last. */
  function race(base: (tree: TreeWriter) => void, left: (tree: TreeWriter) => void, right: (tree: TreeWriter) => void) {
    const [a, b] = [openDocument(), openDocument()];
    deliver(b, write(a, 1, base));
    // Reading makes the index, so that what comes is followed and not read anew.
    expect(shapeOf(a)).toEqual(shapeOf(b));
    const [one, two] = [write(a, 1, left), write(b, 2, right)];
    deliver(a, two);
    deliver(b, one);
    expect(shapeOf(a)).toEqual(shapeOf(b));
    expect(bytesToHex(a.root())).toBe(bytesToHex(b.root()));
    return shapeOf(a);
  }

  it("of one node end at the later place", () => {
    expect(
      race(
        plantSample,
        (tree) => tree.move("c", "d"),
        (tree) => tree.move("c", "e"),
      ),
    ).toEqual(["-a", "--b", "--d", "-e", "--c"]);
  });

  it("that would close a cycle leave one of them undone, and what hangs below stays with its node", () => {
    const siblings = (tree: TreeWriter): void => {
      tree.create(TREE_ROOT, { id: "a" });
      tree.create("a", { id: "a1" });
      tree.create(TREE_ROOT, { id: "b" });
      tree.create("b", { id: "b1" });
    };
    const shown = race(
      siblings,
      (tree) => tree.move("a", "b1"),
      (tree) => tree.move("b", "a1"),
    );
    expect(shown).toEqual(["-a", "--a1", "---b", "----b1"]);
  });

  it("that would close a cycle put nothing back into what was removed", () => {
    const [a, b] = [openDocument(), openDocument()];
    const both = (work: Work): void => deliver(b, write(a, 1, work));
    both((tree) => {
      for (const id of ["folder", "x", "y"]) tree.create(TREE_ROOT, { id });
    });
    both((tree) => tree.move("x", "folder"));
    const out = write(a, 1, (tree) => tree.move("x", "y"));
    const removed = write(a, 1, (tree) => void tree.remove("folder"));
    deliver(
      a,
      write(b, 2, (tree) => tree.move("y", "x")),
    );
    deliver(b, out);
    deliver(b, removed);
    expect(shapeOf(a)).toEqual(["-x", "--y"]);
    expect(shapeOf(b)).toEqual(shapeOf(a));
  });

  it("keep a node that is moved out of what somebody removes", () => {
    expect(
      race(
        plantSample,
        (tree) => tree.move("c", "e"),
        (tree) => void tree.remove("a"),
      ),
    ).toEqual(["-e", "--c"]);
  });

  it("into what somebody removes are removed with it, and come back with it", () => {
    expect(
      race(
        plantSample,
        (tree) => tree.move("e", "b"),
        (tree) => void tree.remove("b"),
      ),
    ).toEqual(["-a", "--d"]);
  });

  it("to one place keep both, and room between them", () => {
    const create = (id: string) => (tree: TreeWriter) => void tree.create("d", { id });
    const [a, b] = [openDocument(), openDocument()];
    deliver(b, write(a, 1, plantSample));
    const [one, two] = [write(a, 1, create("x")), write(b, 2, create("y"))];
    deliver(a, two);
    deliver(b, one);
    const [first, last] = a.field("tree", "t").childrenOf("d");
    write(a, 1, (tree) => tree.create("d", { id: "z", index: 1 }));
    expect(a.field("tree", "t").childrenOf("d")).toEqual([first, "z", last]);
  });

  it("creating one id make one node", () => {
    const create = (parent: string) => (tree: TreeWriter) => void tree.create(parent, { id: "x" });
    expect(race(plantSample, create("d"), create("e"))).toEqual(["-a", "--b", "---c", "--d", "-e", "--x"]);
  });
});

describe("a delta from a forger", () => {
  const forge = (stamp: number, joins: readonly { node: string; parent: string }[]): WrittenDelta => ({
    joins: encodeJoins([{ type: "tree", name: "t", joins: joins.map((join) => ({ ...join, position: "V----" })) }]),
    origin: originOf(stamp, 3),
  });

  it("that closes cycles or names nobody hides no node that had a place", () => {
    const document = openDocument();
    write(document, 1, plantSample);
    deliver(
      document,
      forge(5, [
        { node: "a", parent: "c" },
        { node: "d", parent: "d" },
        { node: "e", parent: "nobody" },
      ]),
    );
    expect(
      shapeOf(document)
        .map((line) => line.replaceAll("-", ""))
        .sort(),
    ).toEqual(["a", "b", "c", "d", "e"]);
    deliver(
      document,
      forge(6, [
        { node: "x", parent: "y" },
        { node: "y", parent: "x" },
      ]),
    );
    expect(document.field("tree", "t").size).toBe(5);
    expect(document.field("tree", "t").has("x")).toBe(false);
  });

  it("is refused when an id or a position is none", () => {
    const blob = (node: string, parent: string, position: string): Uint8Array =>
      encodeJoins([{ type: "tree", name: "t", joins: [{ node, parent, position }] }]);
    const applies = (joins: Uint8Array): boolean => openDocument().apply(joins, originOf(1, 1)).ok;
    expect(applies(blob("a", "", "V----"))).toBe(true);
    expect(applies(blob("a", "\u0000", "V".repeat(POSITION_CHARS_MAX)))).toBe(true);
    expect(applies(blob("n".repeat(NODE_ID_BYTES_MAX), "p".repeat(NODE_ID_BYTES_MAX), "V----"))).toBe(true);
    for (const [node, parent, position] of [
      ["", "", "V----"],
      ["a\u0000", "", "V----"],
      ["a", "b\u0000", "V----"],
      ["a", "", ""],
      ["a", "", "V---"],
      ["a", "", "V".repeat(POSITION_CHARS_MAX + 5)],
      ["n".repeat(NODE_ID_BYTES_MAX + 1), "", "V----"],
      ["a", "p".repeat(NODE_ID_BYTES_MAX + 1), "V----"],
    ] as const) {
      expect(applies(blob(node, parent, position))).toBe(false);
    }
    expect(applies(encodeJoins([{ type: "tree", name: "t", joins: [] }]))).toBe(false);
  });
});
