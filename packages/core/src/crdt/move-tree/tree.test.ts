import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { type ActorId, bytesToHex, createPrng, type Prng, type Stamp } from "../../base/index.ts";
import { decodeCell, encodeCell } from "../cells/cell-kind.ts";
import { Document } from "../document.ts";
import { encodeJoins } from "../joins/joins.ts";
import type { Origin } from "../origin.ts";
import { actorOf, originOf } from "../reference/draw.ts";
import { checkCellLaws } from "../reference/laws.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { naiveTextPlugin } from "../reference/naive-text.ts";
import { WriteRefused } from "../refusal.ts";
import { NODE_ID_BYTES_MAX, POSITION_CHARS_MAX, WALK_PAGE_NODES_MAX } from "./limits.ts";
import * as place from "./place.ts";
import { TREE_ROOT, TREE_TRASH } from "./place.ts";
import type { TreeWriter } from "./tree-writer.ts";

interface Delta {
  readonly joins: Uint8Array;
  readonly origin: Origin;
}

const intern = (bytes: Uint8Array): ActorId => bytes.slice() as ActorId;

function open(source: MemorySource = new MemorySource()): Document {
  return new Document(source, naiveTextPlugin);
}

/** One delta of an actor who has seen all that the document holds. */
function write(document: Document, actor: number, work: (tree: TreeWriter) => void): Delta {
  const origin = originOf(document.lastStamp + 1, actor);
  const tx = document.begin(origin);
  work(tx.field("tree", "t"));
  const joins = tx.commit();
  if (joins === undefined) throw new Error("nothing was written");
  return { joins, origin };
}

function deliver(document: Document, ...deltas: readonly Delta[]): void {
  for (const { joins, origin } of deltas) expect(document.apply(joins, origin).ok).toBe(true);
}

function refusalOf(document: Document, work: (tree: TreeWriter) => void): string | undefined {
  const tx = document.begin(originOf(document.lastStamp + 1, 1));
  try {
    work(tx.field("tree", "t"));
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof WriteRefused)) throw thrown;
    return thrown.code;
  } finally {
    tx.rollback();
  }
}

/** a > (b > c, d), e */
function sample(tree: TreeWriter): void {
  for (const [id, parent] of [
    ["a", TREE_ROOT],
    ["b", "a"],
    ["c", "b"],
    ["d", "a"],
    ["e", TREE_ROOT],
  ] as const) {
    tree.create(parent, { id });
  }
}

const shape = (document: Document): string[] =>
  document
    .field("tree", "t")
    .walk()
    .map(({ id, depth }) => "-".repeat(depth) + id);

describe("a movable tree", () => {
  it("is read from both ends", () => {
    const document = open();
    write(document, 1, sample);
    const tree = document.field("tree", "t");
    expect(shape(document)).toEqual(["-a", "--b", "---c", "--d", "-e"]);
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
    const document = open();
    write(document, 1, sample);
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
    const document = open();
    write(document, 1, (tree) => {
      for (let i = 0; i <= WALK_PAGE_NODES_MAX; i++) tree.create(TREE_ROOT);
    });
    const tree = document.field("tree", "t");
    expect(tree.size).toBe(WALK_PAGE_NODES_MAX + 1);
    expect(tree.walk({ limit: Number.POSITIVE_INFINITY })).toHaveLength(WALK_PAGE_NODES_MAX);
  });

  it("moves a node with all that is below it, and orders siblings by index", () => {
    const document = open();
    write(document, 1, sample);
    write(document, 1, (tree) => tree.move("b", "e"));
    expect(shape(document)).toEqual(["-a", "--d", "-e", "--b", "---c"]);
    write(document, 1, (tree) => {
      tree.move("d", TREE_ROOT, 0);
      tree.move("e", TREE_ROOT, 0);
      tree.move("e", TREE_ROOT, 1);
      tree.create("b", { id: "f", index: 0 });
    });
    expect(shape(document)).toEqual(["-d", "-e", "--b", "---f", "---c", "-a"]);
  });

  it("keeps what is removed in the trash, from where a move brings it back", () => {
    const document = open();
    write(document, 1, sample);
    write(document, 1, (tree) => {
      tree.contents.set("c", 7);
      expect(tree.remove("b")).toBe(true);
      expect(tree.remove("b")).toBe(false);
      expect(tree.remove("c")).toBe(false);
    });
    const tree = document.field("tree", "t");
    expect(shape(document)).toEqual(["-a", "--d", "-e"]);
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
    expect(shape(document)).toEqual(["-a", "--d", "-e", "-c", "--b"]);
    expect(tree.contents.get("c")).toBe(7);
  });

  it("refuses what would break it, and changes nothing then", () => {
    const document = open();
    write(document, 1, sample);
    write(document, 1, (tree) => tree.remove("e"));
    const before = shape(document);
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
    expect(shape(document)).toEqual(before);
    write(document, 1, (tree) => tree.create("a", { id: "ł".repeat(NODE_ID_BYTES_MAX / 2) }));
  });

  it("refuses to put a node where no room is left", () => {
    const document = open();
    const zigzag = (tree: TreeWriter): void => {
      tree.create(TREE_ROOT);
      for (let i = 1; i < 2000; i++) tree.create(TREE_ROOT, { index: i >> 1 });
    };
    expect(refusalOf(document, zigzag)).toBe("TREE_PLACE_FULL");
  });

  it("gives derived ids, the same when a transaction runs again and never twice", () => {
    const ids = (actor: number): string[] => {
      const tx = open().begin(originOf(1, actor));
      return [1, 2, 3].map(() => tx.field("tree", "t").create(TREE_ROOT));
    };
    expect(ids(1)).toEqual(ids(1));
    expect(new Set([...ids(1), ...ids(2)]).size).toBe(6);
  });

  it("is as before after a rollback, and as written after it was opened again", () => {
    const source = new MemorySource();
    const document = open(source);
    write(document, 1, sample);
    const before = shape(document);
    const tx = document.begin(originOf(9, 1));
    const tree = tx.field("tree", "t");
    tree.move("b", "e");
    tree.move("b", TREE_ROOT);
    const fresh = tree.create("b");
    tree.create(fresh);
    tree.contents.set(fresh, 1);
    tree.remove("a");
    tx.rollback();
    expect(shape(document)).toEqual(before);
    expect(document.field("tree", "t").contents.size).toBe(0);
    source.put(document.takeDirty());
    expect(shape(open(source))).toEqual(before);
  });

  it("records of several moves in a transaction only the last", () => {
    const document = open();
    const first = write(document, 1, sample);
    const second = write(document, 1, (tree) => {
      tree.move("c", "e");
      tree.move("c", "d");
      tree.move("c", TREE_ROOT);
      tree.move("c", "d");
    });
    const other = open();
    deliver(other, first, second);
    expect(shape(other)).toEqual(["-a", "--b", "--d", "---c", "-e"]);
    expect(other.root()).toEqual(document.root());
    const key = place.placeKey("c", "e");
    expect(other.field("tree", "t").target.get(key)).toBeUndefined();
  });

  it("holds nested containers at its nodes, and is one in a map", () => {
    const document = open();
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
    const document = open();
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

describe("concurrent moves", () => {
  /** Two replicas that share a history, the deltas that each then writes, and what both show at last. */
  function race(base: (tree: TreeWriter) => void, left: (tree: TreeWriter) => void, right: (tree: TreeWriter) => void) {
    const [a, b] = [open(), open()];
    deliver(b, write(a, 1, base));
    // Reading makes the index, so that what comes is followed and not read anew.
    expect(shape(a)).toEqual(shape(b));
    const [one, two] = [write(a, 1, left), write(b, 2, right)];
    deliver(a, two);
    deliver(b, one);
    expect(shape(a)).toEqual(shape(b));
    expect(bytesToHex(a.root())).toBe(bytesToHex(b.root()));
    return shape(a);
  }

  it("of one node end at the later place", () => {
    expect(
      race(
        sample,
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

  it("keep a node that is moved out of what somebody removes", () => {
    expect(
      race(
        sample,
        (tree) => tree.move("c", "e"),
        (tree) => void tree.remove("a"),
      ),
    ).toEqual(["-e", "--c"]);
  });

  it("into what somebody removes are removed with it, and come back with it", () => {
    expect(
      race(
        sample,
        (tree) => tree.move("e", "b"),
        (tree) => void tree.remove("b"),
      ),
    ).toEqual(["-a", "--d"]);
  });

  it("to one place keep both, and room between them", () => {
    const create = (id: string) => (tree: TreeWriter) => void tree.create("d", { id });
    const [a, b] = [open(), open()];
    deliver(b, write(a, 1, sample));
    const [one, two] = [write(a, 1, create("x")), write(b, 2, create("y"))];
    deliver(a, two);
    deliver(b, one);
    const [first, last] = a.field("tree", "t").childrenOf("d");
    write(a, 1, (tree) => tree.create("d", { id: "z", index: 1 }));
    expect(a.field("tree", "t").childrenOf("d")).toEqual([first, "z", last]);
  });

  it("creating one id make one node", () => {
    const create = (parent: string) => (tree: TreeWriter) => void tree.create(parent, { id: "x" });
    expect(race(sample, create("d"), create("e"))).toEqual(["-a", "--b", "---c", "--d", "-e", "--x"]);
  });
});

describe("a delta from a forger", () => {
  const forge = (stamp: number, joins: readonly { node: string; parent: string }[]): Delta => ({
    joins: encodeJoins([{ type: "tree", name: "t", joins: joins.map((join) => ({ ...join, position: "V----" })) }]),
    origin: originOf(stamp, 3),
  });

  it("that closes cycles or names nobody hides no node that had a place", () => {
    const document = open();
    write(document, 1, sample);
    deliver(
      document,
      forge(5, [
        { node: "a", parent: "c" },
        { node: "d", parent: "d" },
        { node: "e", parent: "nobody" },
      ]),
    );
    expect(
      shape(document)
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
    const applies = (joins: Uint8Array): boolean => open().apply(joins, originOf(1, 1)).ok;
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

describe("a place", () => {
  const draw = (prng: Prng): place.PlaceCell => ({
    content: prng.pick(["V----", "V---3", "V---3V----"]),
    stamp: (1 + prng.below(3)) as Stamp,
    actor: actorOf(prng.below(3)),
  });

  it("keeps the laws", () => {
    const prng = createPrng(41);
    for (let run = 0; run < 1500; run++) checkCellLaws(place, draw, prng, intern);
  });

  it("decodes only from what it encodes to, whatever the damage", () => {
    const prng = createPrng(42);
    const corpus = Array.from({ length: 100 }, () => encodeCell(place, draw(prng)));
    const decode = (bytes: Uint8Array) => decodeCell(place, bytes, intern);
    const encode = (cell: place.PlaceCell) => encodeCell(place, cell);
    expect(fuzzDecoder({ name: "a place", seed: 42, corpus, decode, encode }).accepted).toBeGreaterThan(10);
  });

  it("has an entry key that comes back from the store as it went in", () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    for (const [node, parent] of [
      ["a", TREE_ROOT],
      ["ł", TREE_TRASH],
      ["a", "b"],
    ] as const) {
      const key = place.placeKey(node, parent);
      expect(place.bytesToKey(bytes(key))).toBe(key);
      expect(place.parsePlaceKey(key)).toEqual({ node, parent });
    }
    for (const key of ["", "a", "\u0000", "\u0000a", "a\u0000b\u0000", "a\u0000\u0000\u0000"]) {
      expect(place.bytesToKey(bytes(key))).toBeUndefined();
    }
    expect(place.bytesToKey(Uint8Array.of(0x61, 0, 0xff))).toBeUndefined();
  });
});
