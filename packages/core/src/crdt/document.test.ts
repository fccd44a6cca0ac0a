import { describe, expect, it } from "vitest";
import { AssertionError, Miss, StoreFailure } from "../base/index.ts";
import { Document } from "./document.ts";
import { COUNTER_SUM_MAX, ENTRY_KEY_BYTES_MAX } from "./limits.ts";
import { openDocument, refusalOf, write } from "./reference/documents.ts";
import { originOf } from "./reference/draw.ts";
import { MemorySource } from "./reference/memory-source.ts";
import type { Transaction } from "./transaction.ts";

describe("a transaction", () => {
  it("reads its own writes", () => {
    const tx = openDocument().begin(originOf(1, 1));
    const map = tx.field("map", "m");
    map.set("a", 1);
    map.set("b", { list: [1, 2] });
    expect(map.delete("a")).toBe(true);
    expect(map.delete("a")).toBe(false);
    expect([map.has("a"), map.get("b"), map.size, map.keys()]).toEqual([false, { list: [1, 2] }, 1, ["b"]]);
    tx.field("counter", "c").add(5);
    tx.field("counter", "c").add(-7);
    expect(tx.field("counter", "c").value()).toBe(-2);
    tx.field("set", "s").add("x");
    tx.field("set", "s").add([1]);
    expect(tx.field("set", "s").delete("x")).toBe(true);
    expect(tx.field("set", "s").values()).toEqual([[1]]);
    tx.field("register", "r").set("v");
    expect(tx.field("register", "r").get()).toBe("v");
    tx.field("register", "r").clear();
    expect(tx.field("register", "r").get()).toBeUndefined();
    tx.field("text", "t").insert(0, "abc");
    tx.field("text", "t").delete(1, 1);
    expect(tx.field("text", "t").toString()).toBe("ac");
  });

  it("commits to nothing when nothing changed in the end", () => {
    const document = openDocument();
    const tx = document.begin(originOf(1, 1));
    tx.field("set", "s").add("x");
    tx.field("set", "s").delete("x");
    tx.field("map", "m").delete("k");
    tx.field("counter", "c").add(0);
    expect(tx.commit()).toBeUndefined();
    expect(document.takeDirty()).toEqual([]);
  });

  it("rolled back leaves state, dirty cells and root as they were", () => {
    const document = openDocument();
    const source = new MemorySource();
    write(document, 1, 1, (tx) => {
      tx.field("map", "m").set("k", 1);
      tx.field("map", "m").child("text", "note").insert(0, "one");
      tx.field("counter", "c").add(1);
      tx.field("set", "s").add("x");
      tx.field("register", "r").set(1);
      tx.field("text", "t").insert(0, "hello");
    });
    const twin = openDocument();
    const before = document.root();
    const tx = document.begin(originOf(2, 1));
    tx.field("map", "m").set("k", 2);
    tx.field("map", "m").delete("note");
    tx.field("map", "m").child("map", "nested").set("deep", 1);
    tx.field("counter", "c").add(5);
    tx.field("set", "s").delete("x");
    tx.field("set", "s").add("y");
    tx.field("register", "r").clear();
    tx.field("text", "t").delete(0, 4);
    tx.rollback();
    expect(document.field("text", "t").toString()).toBe("hello");
    expect(document.field("map", "m").nested("text", "note")?.toString()).toBe("one");
    expect(document.field("counter", "c").value()).toBe(1);
    expect(document.field("set", "s").values()).toEqual(["x"]);
    expect(document.field("map", "m").keys()).toEqual(["k", "note"]);
    expect(document.root()).toEqual(before);
    source.put(document.takeDirty());
    expect(Document.rootOf(source.entries())).toEqual(before);
    const again = openDocument(source);
    expect(again.root()).toEqual(before);
    expect(again.field("text", "t").toString()).toBe("hello");
    expect(twin.root()).not.toEqual(before);
  });

  it("may run again under its stamp after a rollback, and only then", () => {
    const document = openDocument();
    document.begin(originOf(5, 1)).rollback();
    write(document, 5, 1, (tx) => tx.field("register", "r").set(1));
    expect(() => document.begin(originOf(5, 1))).toThrow(AssertionError);
    const tx = document.begin(originOf(6, 1));
    expect(() => document.begin(originOf(7, 1))).toThrow(AssertionError);
    expect(() => document.takeDirty()).toThrow(AssertionError);
    const register = tx.field("register", "r");
    tx.rollback();
    expect(() => register.set(2)).toThrow(AssertionError);
  });

  it("refuses what the state cannot hold", () => {
    const tx = openDocument().begin(originOf(1, 1));
    const long = "x".repeat(ENTRY_KEY_BYTES_MAX + 1);
    expect(refusalOf(() => tx.field("map", "m").set(long, 1))).toBe("KEY_TOO_LONG");
    expect(refusalOf(() => tx.field("map", "m").set("\ud800", 1))).toBe("KEY_INVALID");
    expect(refusalOf(() => tx.field("map", "m").set("k", Number.NaN))).toBe("VALUE_INVALID");
    expect(refusalOf(() => tx.field("map", "m").set("k", undefined as never))).toBe("VALUE_INVALID");
    expect(refusalOf(() => tx.field("set", "s").add(long))).toBe("KEY_TOO_LONG");
    expect(refusalOf(() => tx.field("counter", "c").add(0.5))).toBe("COUNTER_OUT_OF_RANGE");
    expect(refusalOf(() => tx.field("counter", "c").add(COUNTER_SUM_MAX + 1))).toBe("COUNTER_OUT_OF_RANGE");
    expect(refusalOf(() => tx.field("text", "t").insert(1, "x"))).toBe("TEXT_OUT_OF_RANGE");
    expect(refusalOf(() => tx.field("text", "t").delete(0, 1))).toBe("TEXT_OUT_OF_RANGE");
    expect(refusalOf(() => tx.field("map", "m".repeat(257)))).toBe("KEY_TOO_LONG");
    expect(tx.commit()).toBeUndefined();
  });

  it("does not let a value be changed from outside", () => {
    const document = openDocument();
    const list = [1];
    const bytes = Uint8Array.of(1);
    write(document, 1, 1, (tx) => tx.field("map", "m").set("k", [list, bytes]));
    list.push(2);
    bytes[0] = 2;
    const read = document.field("map", "m").get("k") as unknown[];
    expect(read).toEqual([[1], Uint8Array.of(1)]);
    read.pop();
    expect(document.field("map", "m").get("k")).toEqual([[1], Uint8Array.of(1)]);
  });
});

describe("a read that misses", () => {
  it("leaves the document unharmed, in a transaction and in an application of joins", () => {
    const source = new MemorySource();
    const first = openDocument(source);
    const joins = write(first, 1, 1, (tx) => {
      tx.field("map", "m").set("k", 1);
      tx.field("set", "s").add("x");
      tx.field("text", "t").insert(0, "hello");
      tx.field("counter", "c").add(2);
    });
    source.put(first.takeDirty());
    const root = first.root();
    const remote = openDocument();
    remote.apply(joins, originOf(1, 1));
    const work = (tx: Transaction): void => {
      tx.field("map", "m").set("k", 2);
      tx.field("set", "s").delete("x");
      tx.field("text", "t").insert(5, "!");
      tx.field("counter", "c").add(1);
    };
    const later = write(remote, 2, 2, work);
    for (let reads = 0; ; reads++) {
      source.readsLeft = Number.POSITIVE_INFINITY;
      const document = openDocument(source);
      source.readsLeft = reads;
      const isDone = attempt(() => document.apply(later, originOf(2, 2)));
      source.readsLeft = Number.POSITIVE_INFINITY;
      if (isDone) {
        expect(reads).toBeGreaterThan(4);
        expect(document.root()).toEqual(remote.root());
        break;
      }
      expect(document.takeDirty()).toEqual([]);
      expect(document.root()).toEqual(root);
      const tx = document.begin(originOf(2, 2));
      source.readsLeft = reads;
      attempt(() => work(tx));
      tx.rollback();
      source.readsLeft = Number.POSITIVE_INFINITY;
      expect(document.root()).toEqual(root);
      expect(document.takeDirty()).toEqual([]);
      expect(write(document, 2, 2, work)).toEqual(later);
    }
  });

  it("is no damaged cell, which is a failure of the store", () => {
    const source = new MemorySource();
    const document = openDocument(source);
    write(document, 1, 1, (tx) => tx.field("register", "r").set(1));
    source.put(document.takeDirty().map(({ key, value }) => ({ key, value: value.slice(0, -1) })));
    expect(() => openDocument(source).field("register", "r").get()).toThrow(StoreFailure);
  });
});

function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (thrown) {
    if (!(thrown instanceof Miss)) throw thrown;
    return false;
  }
}

describe("text", () => {
  it("keeps what was committed but not flushed when a later transaction is rolled back", () => {
    const source = new MemorySource();
    const document = openDocument(source);
    write(document, 1, 1, (tx) => tx.field("text", "t").insert(0, "one"));
    source.put(document.takeDirty());
    write(document, 2, 1, (tx) => tx.field("text", "t").insert(3, " two"));
    const tx = document.begin(originOf(3, 1));
    tx.field("text", "t").insert(0, "zero ");
    expect(tx.field("text", "t").toString()).toBe("zero one two");
    tx.rollback();
    expect(document.field("text", "t").toString()).toBe("one two");
    write(document, 4, 1, (again) => again.field("text", "t").insert(7, " three"));
    source.put(document.takeDirty());
    expect(openDocument(source).field("text", "t").toString()).toBe("one two three");
    expect(document.root()).toEqual(Document.rootOf(source.entries()));
  });
});

describe("joins from elsewhere", () => {
  it("are refused as a whole when malformed, without effect", () => {
    const document = openDocument();
    const joins = write(openDocument(), 1, 1, (tx) => {
      tx.field("map", "m").set("k", 1);
      tx.field("text", "t").insert(0, "x");
    });
    for (let length = 0; length < joins.length; length++) {
      expect(document.apply(joins.slice(0, length), originOf(1, 1)).ok).toBe(false);
    }
    expect(document.takeDirty()).toEqual([]);
    expect(document.root()).toEqual(Document.rootOf([]));
  });

  it("cannot forbid adds that are yet to come", () => {
    const alice = openDocument();
    const added = write(alice, 10, 1, (tx) => tx.field("set", "s").add("x"));
    const mallory = openDocument();
    mallory.apply(added, originOf(10, 1));
    const removal = write(mallory, 20, 2, (tx) => tx.field("set", "s").delete("x"));
    // The removal names stamp 10; under a header with stamp 9 it claims to have seen the future.
    expect(alice.apply(removal, originOf(9, 2))).toEqual({ ok: true, value: { void: 1 } });
    expect(alice.field("set", "s").values()).toEqual(["x"]);
    expect(alice.apply(removal, originOf(20, 2))).toEqual({ ok: true, value: { void: 0 } });
    expect(alice.field("set", "s").values()).toEqual([]);
  });

  it("by one actor under one stamp twice end alike on all replicas", () => {
    const blobs = ["a", "b"].map((value) => write(openDocument(), 5, 3, (tx) => tx.field("map", "m").set("k", value)));
    const roots = [blobs, [...blobs].reverse()].map((order) => {
      const document = openDocument();
      for (const joins of order) document.apply(joins, originOf(5, 3));
      return document.root();
    });
    expect(roots[0]).toEqual(roots[1]);
  });
});

describe("a nested container", () => {
  function pair(): [Document, Document] {
    return [openDocument(), openDocument()];
  }

  it("created on two replicas at once is one", () => {
    const [a, b] = pair();
    const fromA = write(a, 1, 1, (tx) => tx.field("map", "m").child("map", "todo").set("title", "milk"));
    const fromB = write(b, 2, 2, (tx) => tx.field("map", "m").child("map", "todo").set("done", true));
    a.apply(fromB, originOf(2, 2));
    b.apply(fromA, originOf(1, 1));
    for (const document of [a, b]) {
      expect(document.field("map", "m").nested("map", "todo")?.entries()).toEqual([
        ["done", true],
        ["title", "milk"],
      ]);
    }
    expect(a.root()).toEqual(b.root());
  });

  it("created again after a delete is empty, also for a writer who did not know of the delete", () => {
    const [a, b] = pair();
    const created = write(a, 1, 1, (tx) => tx.field("map", "m").child("counter", "n").add(3));
    b.apply(created, originOf(1, 1));
    write(a, 2, 1, (tx) => tx.field("map", "m").delete("n"));
    const late = write(b, 3, 2, (tx) => tx.field("map", "m").child("counter", "n").add(4));
    const again = write(a, 4, 1, (tx) => tx.field("map", "m").child("counter", "n").add(10));
    expect(a.field("map", "m").nested("counter", "n")?.value()).toBe(10);
    a.apply(late, originOf(3, 2));
    expect(a.field("map", "m").nested("counter", "n")?.value()).toBe(10);
    expect(again).not.toEqual(created);
  });

  it("created, deleted and created again in one transaction is empty each time", () => {
    const [a, b] = pair();
    const joins = write(a, 1, 1, (tx) => {
      const map = tx.field("map", "m");
      for (let round = 0; round < 3; round++) {
        const child = map.child("map", "x");
        expect(child.size).toBe(0);
        child.set(`round ${round}`, round);
        const deep = child.child("text", "deep");
        expect(deep.length).toBe(0);
        deep.insert(0, "abc");
        child.delete("deep");
        if (round < 2) map.delete("x");
      }
    });
    b.apply(joins, originOf(1, 1));
    for (const document of [a, b]) {
      expect(document.field("map", "m").nested("map", "x")?.entries()).toEqual([["round 2", 2]]);
    }
    expect(a.root()).toEqual(b.root());
  });

  it("of two types shows the later, and the other as a conflict", () => {
    const [a, b] = pair();
    const fromA = write(a, 1, 1, (tx) => tx.field("map", "m").child("counter", "x").add(7));
    const fromB = write(b, 2, 2, (tx) => tx.field("map", "m").child("set", "x").add("e"));
    a.apply(fromB, originOf(2, 2));
    b.apply(fromA, originOf(1, 1));
    for (const document of [a, b]) {
      const map = document.field("map", "m");
      expect(map.kindOf("x")).toBe("set");
      expect(map.nested("counter", "x")).toBeUndefined();
      expect(map.conflicts("x")).toEqual(["counter"]);
      expect(map.conflict("counter", "x")?.value()).toBe(7);
      expect(map.conflict("set", "x")).toBeUndefined();
      expect(map.get("x")).toBeUndefined();
    }
    expect(a.root()).toEqual(b.root());
  });

  it("replaces a value and is replaced by one", () => {
    const document = openDocument();
    write(document, 1, 1, (tx) => tx.field("map", "m").set("x", 1));
    write(document, 2, 1, (tx) => tx.field("map", "m").child("map", "x").set("y", 2));
    expect(document.field("map", "m").entries()).toEqual([]);
    expect(document.field("map", "m").keys()).toEqual(["x"]);
    write(document, 3, 1, (tx) => tx.field("map", "m").set("x", 3));
    expect(document.field("map", "m").get("x")).toBe(3);
    write(document, 4, 1, (tx) => expect(tx.field("map", "m").child("map", "x").size).toBe(0));
  });
});

describe("a counter", () => {
  it("saturates where a sum of many is no safe integer, in any order", () => {
    const document = openDocument();
    const blob = write(openDocument(), 1, 1, (tx) => tx.field("counter", "c").add(COUNTER_SUM_MAX));
    const negative = write(openDocument(), 1, 1, (tx) => tx.field("counter", "c").add(-COUNTER_SUM_MAX));
    for (let actor = 1; actor <= 4; actor++) document.apply(blob, originOf(1, actor));
    expect(document.field("counter", "c").value()).toBe(Number.MAX_SAFE_INTEGER);
    for (let actor = 5; actor <= 8; actor++) document.apply(negative, originOf(1, actor));
    write(document, 2, 9, (tx) => tx.field("counter", "c").add(3));
    expect(document.field("counter", "c").value()).toBe(3);
  });
});
