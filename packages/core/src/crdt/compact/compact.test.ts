import { describe, expect, it } from "vitest";
import { idKey, must } from "../../base/index.ts";
import { Document } from "../document.ts";
import { bitOf } from "../records/fields/child-field.ts";
import { originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { deliver, type WrittenDelta } from "../reference/written-deltas.ts";
import type { Transaction } from "../transaction.ts";
import { compactState } from "./compact-state.ts";
import { Holdings } from "./holdings.ts";

/** A replica whose checkpoints take effect at once. */
class Replica {
  source = new MemorySource();
  document = new Document(this.source);
  #since: WrittenDelta[] = [];
  #stamp = 0;

  write(actor: number, work: (tx: Transaction) => void): WrittenDelta {
    this.#stamp = Math.max(this.#stamp, this.document.lastStamp) + 1;
    const origin = originOf(this.#stamp, actor);
    const tx = this.document.begin(origin);
    work(tx);
    const delta = { joins: must(tx.commit(), "the transaction changed something"), origin };
    this.#since.push(delta);
    return delta;
  }

  deliver(delta: WrittenDelta): void {
    deliver(this.document, delta);
    this.#since.push(delta);
  }

  compact(): this {
    const written = new Holdings();
    for (const { joins, origin } of this.#since.splice(0)) written.addJoins(joins, origin);
    const touched = new Map(this.document.takeDirty().map(({ key, value }) => [idKey(key), value] as const));
    const cells = new Map(this.source.cells());
    for (const [key, value] of compactState(this.source, touched, written)) {
      if (value === undefined) cells.delete(key);
      else cells.set(key, value);
    }
    this.source = new MemorySource(cells);
    this.document = new Document(this.source);
    return this;
  }

  get cells(): number {
    return this.source.cells().size;
  }
}

describe("a compacted state", () => {
  it("has no cell of what was deleted, nor of what was in it", () => {
    const replica = new Replica();
    replica.write(1, (tx) => {
      const map = tx.field("map", "m");
      map.set("a", 1);
      map.child("map", "deep").child("text", "note").insert(0, "hello");
      map.child("list", "list").push(1, 2, 3);
      tx.field("set", "s").add("x");
    });
    replica.compact();
    expect(replica.cells).toBeGreaterThan(5);
    replica.write(1, (tx) => {
      const map = tx.field("map", "m");
      for (const key of ["a", "deep", "list"]) map.delete(key);
      tx.field("set", "s").delete("x");
    });
    replica.compact();
    expect(replica.cells).toBe(0);
  });

  it("lets go of what was made and deleted between two checkpoints", () => {
    const replica = new Replica();
    replica.write(1, (tx) => tx.field("map", "m").child("text", "note").insert(0, "hello"));
    replica.write(1, (tx) => tx.field("map", "m").set("note", "plain"));
    replica.compact();
    expect(replica.cells).toBe(1);
    expect(replica.document.field("map", "m").get("note")).toBe("plain");
  });

  it("lets go of a document's children with it, and an insert under its id begins anew", () => {
    const replica = new Replica();
    const insert = (text: string) => (tx: Transaction) => {
      const records = tx.field("records", "docs");
      const document = records.insert("d");
      document.set("title", text);
      records.put(document, "child", "body", bitOf("text"), 1);
      records.childWriter("text", document, "body").insert(0, text);
    };
    replica.write(1, insert("one"));
    replica.compact();
    replica.write(1, (tx) => tx.field("records", "docs").delete("d"));
    replica.compact();
    expect(replica.cells).toBe(0);
    replica.write(1, insert("two"));
    const records = replica.document.field("records", "docs");
    expect(records.child("text", "d", "body")?.toString()).toBe("two");
  });

  it("shows what is typed beside deleted text by who has not seen the deletion", () => {
    const [one, two] = [new Replica(), new Replica()];
    two.deliver(one.write(1, (tx) => tx.field("text", "t").insert(0, "abcdef")));
    one.write(1, (tx) => tx.field("text", "t").delete(1, 4));
    const late = two.write(2, (tx) => tx.field("text", "t").insert(3, "XY"));
    one.compact();
    one.deliver(late);
    expect(one.document.field("text", "t").toString()).toBe("aXYf");
  });

  it("keeps a counter's sum, a first writer's value and a frozen entry", () => {
    const replica = new Replica();
    replica.write(1, (tx) => {
      tx.field("counter", "c").add(3);
      tx.field("first-register", "f").set("mine");
      tx.field("frozen-entries", "z").put("ice");
    });
    replica.write(2, (tx) => tx.field("counter", "c").add(-1));
    replica.compact();
    expect(replica.document.field("counter", "c").value()).toBe(2);
    expect(replica.document.field("first-register", "f").get()).toBe("mine");
    expect(
      replica.document
        .field("frozen-entries", "z")
        .entries()
        .map(([, value]) => value),
    ).toEqual(["ice"]);
  });

  it("empties a tree's trash with what its nodes held", () => {
    const replica = new Replica();
    replica.write(1, (tx) => {
      const tree = tx.field("tree", "t");
      tree.create("", { id: "a" });
      tree.create("a", { id: "b" });
      tree.contents.set("b", "held");
      tree.create("", { id: "c" });
    });
    replica.compact();
    replica.write(1, (tx) => tx.field("tree", "t").remove("a"));
    replica.compact();
    expect(
      replica.document
        .field("tree", "t")
        .walk()
        .map(({ id }) => id),
    ).toEqual(["c"]);
    expect(replica.cells).toBe(1);
  });
});
