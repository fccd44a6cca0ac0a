import { describe, expect, it } from "vitest";
import { Miss } from "../../base/index.ts";
import type { DocumentOptions } from "../containers/container-cache.ts";
import { Document } from "../document.ts";
import { originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import type { Transaction } from "../transaction.ts";
import { RECORD_BYTES_MAX, RECORD_FIELDS_MAX, RECORD_ID_BYTES_MAX } from "./limits.ts";
import { readCounter, readFirst, readLast, readMulti, readSet } from "./read-record.ts";
import { compareIds } from "./record-page.ts";
import type { RecordsWriter } from "./records.ts";

class Replica {
  readonly source: MemorySource = new MemorySource();
  readonly document: Document;
  readonly index: number;
  stamp = 0;

  constructor(index: number, options: DocumentOptions = {}) {
    this.index = index;
    this.document = new Document(this.source, options);
  }

  /** Runs and commits a transaction, as the document's next. */
  write(work: (records: RecordsWriter, tx: Transaction) => void): () => { joins: Uint8Array; stamp: number } {
    this.stamp = Math.max(this.stamp, this.document.lastStamp) + 10;
    const tx = this.document.begin(originOf(this.stamp, this.index));
    work(tx.field("records", "todos"), tx);
    const joins = tx.commit();
    const stamp = this.stamp;
    return () => ({ joins: joins ?? new Uint8Array(0), stamp });
  }

  send(write: () => { joins: Uint8Array; stamp: number }, ...others: Replica[]): void {
    const { joins, stamp } = write();
    for (const other of others) {
      expect(other.document.apply(joins, originOf(stamp, this.index))).toMatchObject({ ok: true, value: { void: 0 } });
    }
  }

  flush(): void {
    this.source.put(this.document.takeDirty());
  }

  get todos() {
    return this.document.field("records", "todos");
  }

  ids(): string[] {
    return this.todos.page({ limit: 1_000 }).map(({ id }) => id);
  }
}

function refusalOf(work: () => void): unknown {
  try {
    work();
  } catch (thrown) {
    return (thrown as { code?: unknown }).code;
  }
  return undefined;
}

describe("a transaction on records", () => {
  it("inserts, edits, reads its own writes and deletes", () => {
    const replica = new Replica(1);
    replica.write((todos, tx) => {
      const a = todos.insert("a");
      a.set("title", "one");
      a.setFirst("born", 1);
      a.setFirst("born", 2);
      a.setMulti("state", "x");
      a.add("votes", 5);
      a.add("votes", -7);
      a.addTo("tags", "red");
      a.addTo("tags", "blue");
      a.removeFrom("tags", "red");
      a.addTo("seats", 1, "remove-wins");
      a.child("text", "body").insert(0, "hello");
      const seen = todos.get("a");
      if (seen === undefined) throw new Error("not there");
      expect([readLast(seen, "title"), readFirst(seen, "born"), readMulti(seen, "state")]).toEqual(["one", 1, ["x"]]);
      expect([readCounter(seen, "votes"), readSet(seen, "tags")]).toEqual([-2, ["blue"]]);
      expect(readSet(seen, "seats", "remove-wins")).toEqual([1]);
      a.set("title", "two");
      expect(readLast(seen, "title")).toBe("one");
      expect(todos.child("text", "a", "body")?.toString()).toBe("hello");
      expect(tx.field("records", "todos").has("a")).toBe(true);
      expect(refusalOf(() => todos.insert("a"))).toBe("RECORD_EXISTS");
      expect(refusalOf(() => todos.edit("b"))).toBe("RECORD_MISSING");
      todos.insert("b");
      expect(todos.page({ limit: 9 }).map(({ id }) => id)).toEqual(["a", "b"]);
      expect([todos.delete("b"), todos.delete("b"), todos.has("b")]).toEqual([true, false, false]);
      a.clear("title");
      a.clear("title");
    });
    expect(replica.ids()).toEqual(["a"]);
    const cell = replica.todos.get("a");
    expect(cell && readLast(cell, "title")).toBeUndefined();
    expect(replica.document.takeDirty().length).toBe(2);
  });

  it("commits to nothing when nothing came of it", () => {
    const replica = new Replica(1);
    const nothing = replica.write((todos) => {
      todos.insert("a").set("title", 1);
      todos.delete("a");
    });
    expect(nothing().joins.length).toBe(0);
    replica.write((todos) => todos.insert("a").addTo("tags", 1));
    const again = replica.write((todos) => {
      const a = todos.edit("a");
      a.addTo("tags", 2);
      a.removeFrom("tags", 2);
      a.removeFrom("tags", 3);
      a.add("votes", 0);
    });
    expect(again().joins.length).toBe(0);
    expect(replica.document.takeDirty().length).toBe(1);
  });

  it("rolled back leaves everything as it was, children too", () => {
    const replica = new Replica(1);
    replica.write((todos) => {
      const a = todos.insert("a");
      a.set("title", 1);
      a.child("map", "more").set("k", 1);
    });
    replica.flush();
    const root = replica.document.root();
    const tx = replica.document.begin(originOf(1_000, 1));
    const todos = tx.field("records", "todos");
    todos.edit("a").set("title", 2);
    todos.edit("a").child("map", "more").set("k", 2);
    todos.insert("b").child("map", "more").set("k", 3);
    todos.delete("a");
    todos.insert("a").set("title", 3);
    tx.rollback();
    expect(replica.document.root()).toEqual(root);
    expect(replica.document.takeDirty()).toEqual([]);
    expect(replica.ids()).toEqual(["a"]);
    const cell = replica.todos.get("a");
    expect(cell && readLast(cell, "title")).toBe(1);
    expect(replica.todos.child("map", "a", "more")?.get("k")).toBe(1);
  });

  it("refuses what the state cannot hold", () => {
    const replica = new Replica(1);
    replica.write((todos) => {
      expect(refusalOf(() => todos.insert(""))).toBe("KEY_INVALID");
      expect(refusalOf(() => todos.insert("\ud800"))).toBe("KEY_INVALID");
      expect(refusalOf(() => todos.insert("é".repeat(RECORD_ID_BYTES_MAX / 2 + 1)))).toBe("KEY_TOO_LONG");
      todos.insert("é".repeat(RECORD_ID_BYTES_MAX / 2));
      const a = todos.insert("a");
      expect(refusalOf(() => a.set("", 1))).toBe("KEY_INVALID");
      expect(refusalOf(() => a.set("x".repeat(129), 1))).toBe("KEY_TOO_LONG");
      expect(refusalOf(() => a.set("x", Number.NaN))).toBe("VALUE_INVALID");
      expect(refusalOf(() => a.add("x", 0.5))).toBe("COUNTER_OUT_OF_RANGE");
      expect(refusalOf(() => a.add("x", Number.MAX_SAFE_INTEGER))).toBe("COUNTER_OUT_OF_RANGE");
      expect(refusalOf(() => a.addTo("x", "y".repeat(2_000)))).toBe("KEY_TOO_LONG");
      for (let i = 0; i < RECORD_FIELDS_MAX; i++) a.set(`f${i}`, i);
      expect(refusalOf(() => a.set("one more", 1))).toBe("VALUE_TOO_LARGE");
      a.set("f0", 1);
      const b = todos.insert("b");
      const half = "x".repeat(RECORD_BYTES_MAX / 2 - 100);
      b.set("one", half);
      b.set("two", half);
      expect(refusalOf(() => b.set("three", half))).toBe("VALUE_TOO_LARGE");
      todos.delete("b");
      expect(refusalOf(() => b.set("one", 1))).toBe("RECORD_MISSING");
    });
  });
});

describe("generations", () => {
  it("concurrent inserts of one id are one document", () => {
    const [a, b] = [new Replica(1), new Replica(2)];
    const fromA = a.write((todos) => todos.insert("x").set("title", "a"));
    const fromB = b.write((todos) => todos.insert("x").set("note", "b"));
    a.send(fromA, b);
    b.send(fromB, a);
    expect(a.document.root()).toEqual(b.document.root());
    const cell = a.todos.get("x");
    expect(cell && [readLast(cell, "title"), readLast(cell, "note")]).toEqual(["a", "b"]);
  });

  it("a deletion hides what is concurrently written, and what is inserted after it is new and empty", () => {
    const [a, b] = [new Replica(1), new Replica(2)];
    a.send(
      a.write((todos) => {
        const x = todos.insert("x");
        x.set("title", "old");
        x.child("text", "body").insert(0, "old");
      }),
      b,
    );
    const deleted = a.write((todos) => todos.delete("x"));
    const edited = b.write((todos) => todos.edit("x").set("title", "late"));
    a.send(deleted, b);
    expect(b.todos.has("x")).toBe(false);
    const again = a.write((todos) => {
      expect(todos.insert("x").child("text", "body").toString()).toBe("");
    });
    b.send(edited, a);
    a.send(again, b);
    expect(a.document.root()).toEqual(b.document.root());
    expect(b.todos.get("x")?.size).toBe(1);
    expect(b.todos.child("text", "x", "body")?.toString()).toBe("");
  });

  it("deleted and inserted again within a transaction is new, and the children with it", () => {
    const [a, b] = [new Replica(1), new Replica(2)];
    a.send(
      a.write((todos) => todos.insert("x").child("map", "m").set("k", 1)),
      b,
    );
    a.send(
      a.write((todos) => {
        todos.delete("x");
        todos.insert("x").child("map", "m").set("k", 2);
        todos.delete("x");
        expect(todos.insert("x").child("map", "m").has("k")).toBe(false);
      }),
      b,
    );
    expect([a.todos.child("map", "x", "m")?.size, b.todos.child("map", "x", "m")?.size]).toEqual([0, 0]);
    a.send(
      a.write((todos) => todos.delete("x")),
      b,
    );
    expect(a.document.root()).toEqual(b.document.root());
    expect(b.todos.has("x")).toBe(false);
    a.send(
      a.write((todos) => todos.insert("x").set("t", 1)),
      b,
    );
    expect(b.todos.has("x")).toBe(true);
    expect(a.document.root()).toEqual(b.document.root());
  });

  it("a join from before its own deletion, or from the future, is void", () => {
    const [a, b] = [new Replica(1), new Replica(2)];
    a.send(
      a.write((todos) => todos.insert("x")),
      b,
    );
    a.send(
      a.write((todos) => todos.delete("x")),
      b,
    );
    const again = a.write((todos) => todos.insert("x").set("t", 1));
    const { joins } = again();
    // The same joins under an older header name a deletion that it cannot have seen.
    expect(b.document.apply(joins, originOf(5, 2))).toMatchObject({ ok: true, value: { void: 1 } });
    expect(b.todos.has("x")).toBe(false);
  });
});

describe("memory", () => {
  it("is bounded: what was used last stays, what is changed or pinned too", () => {
    const replica = new Replica(1, { recordCacheBytes: 20_000 });
    replica.write((todos) => {
      for (let i = 0; i < 500; i++) todos.insert(`id${i}`).set("n", i);
    });
    expect(replica.document.recordCacheStats.evictions).toBe(0);
    using pin = replica.todos.pin("id7");
    expect(pin).toBeDefined();
    replica.flush();
    const full = replica.document.recordCacheStats;
    expect(full.evictions).toBeGreaterThan(400);
    expect(full.bytes).toBeLessThanOrEqual(20_000);
    const first = replica.todos.get("id7");
    for (let i = 0; i < 500; i++) {
      const cell = replica.todos.get(`id${i}`);
      expect(cell && readLast(cell, "n")).toBe(i);
    }
    expect(replica.todos.get("id7")).toBe(first);
    const { hits, misses } = replica.document.recordCacheStats;
    expect(misses).toBeGreaterThan(400);
    expect(hits).toBeGreaterThan(0);
  });

  it("a release lets go of unpinned containers", () => {
    const replica = new Replica(1);
    replica.write((todos) => todos.insert("a").set("n", 1));
    replica.flush();
    const view = replica.todos;
    {
      using _pin = view.pin("a");
      replica.document.release();
      expect(view.has("a")).toBe(true);
    }
    replica.document.release();
    expect(replica.document.recordCacheStats.bytes).toBe(0);
    expect(() => view.has("a")).toThrow();
    expect(replica.todos.has("a")).toBe(true);
  });

  it("a miss leaves no trace, and the transaction runs again", () => {
    const replica = new Replica(1);
    replica.write((todos) => {
      for (const id of ["b", "d", "f"]) todos.insert(id).set("n", id);
    });
    replica.flush();
    const again = new Document(replica.source);
    const run = () => {
      const tx = again.begin(originOf(100, 2));
      try {
        const todos = tx.field("records", "todos");
        todos.insert("c").set("n", 1);
        todos.edit("d").set("n", 2);
        todos.delete("f");
        return tx.commit();
      } finally {
        tx.rollback();
      }
    };
    let misses = 0;
    for (let reads = 0; ; reads++) {
      replica.source.readsLeft = reads;
      try {
        expect(run()).toBeDefined();
        break;
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Miss);
        expect(again.takeDirty()).toEqual([]);
        misses++;
      }
    }
    replica.source.readsLeft = Number.POSITIVE_INFINITY;
    expect(misses).toBeGreaterThan(2);
    const ids = again
      .field("records", "todos")
      .page({ limit: 9 })
      .map((row) => row.id);
    expect(ids).toEqual(["b", "c", "d"]);
  });
});

describe("pages", () => {
  it("are in order of UTF-8, forwards and backwards, from source and memory as one", () => {
    const replica = new Replica(1);
    const ids = ["a", "aa", "b", "é", "\uffee", "😀", "z", "m"];
    const sorted = [...ids].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    expect([...ids].sort(compareIds)).toEqual(sorted);
    replica.write((todos) => {
      for (const id of ids.slice(0, 5)) todos.insert(id);
      todos.insert("gone");
    });
    replica.flush();
    replica.document.release();
    replica.write((todos) => {
      for (const id of ids.slice(5)) todos.insert(id);
      todos.delete("gone");
    });
    expect(replica.ids()).toEqual(sorted);
    expect(replica.todos.page({ limit: 99, reverse: true }).map(({ id }) => id)).toEqual([...sorted].reverse());
    for (const reverse of [false, true]) {
      const walked: string[] = [];
      for (;;) {
        const last = walked.at(-1);
        const from = reverse ? { before: last } : { after: last };
        const page = replica.todos.page({ ...from, limit: 3, reverse });
        walked.push(...page.map(({ id }) => id));
        if (page.length < 3) break;
      }
      expect(walked).toEqual(reverse ? [...sorted].reverse() : sorted);
    }
    expect(replica.todos.page({ after: "aa", before: "z", limit: 9 }).map(({ id }) => id)).toEqual(["b", "m"]);
    expect(replica.todos.page({ after: "z", before: "a", limit: 9 })).toEqual([]);
    expect(replica.todos.page({ limit: 0 })).toEqual([]);
  });
});

describe("a derivation", () => {
  it("is told of every committed and applied change, once, and of none that was rolled back", () => {
    const told: string[] = [];
    const derivation = {
      onRecord: (_: Uint8Array, id: string, before: unknown, after: { deleted: unknown }) =>
        void told.push(`${id} ${before === undefined ? "new" : "known"} ${after.deleted ? "deleted" : "there"}`),
      onContainer: (_: Uint8Array, type: string) => void told.push(type),
      takeRows: () => [],
      onForeign: () => {},
    };
    const [a, b] = [new Replica(1), new Replica(2, { derivation })];
    const first = a.write((todos, tx) => {
      todos.insert("x").child("text", "body").insert(0, "t");
      tx.field("map", "m").set("k", 1);
    });
    a.send(first, b, b);
    // The text and the map are told of twice: what they hold is not compared.
    expect(told).toEqual(["x new there", "text", "map", "text", "map"]);
    told.length = 0;
    const tx = b.document.begin(originOf(90, 2));
    tx.field("records", "todos").delete("x");
    tx.rollback();
    expect(told).toEqual([]);
    b.write((todos) => todos.delete("x"));
    expect(told).toEqual(["x known deleted"]);
  });
});
