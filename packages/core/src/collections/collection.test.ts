import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { createPrng, must } from "../base/index.ts";
import type { Database } from "../database/index.ts";
import { openDatabase } from "../database/open-database.ts";
import { exchange, openMember, refusal, seededOptions } from "../database/testing.ts";
import { boolean, counter, firstWriter, json, map, multiValue, oneOf, register, set, string, text } from "./index.ts";
import { DOCUMENT_ID_BYTES_MAX, INPUT_DEPTH_MAX, NAME_BYTES_MAX, SCHEMA_FIELDS_MAX } from "./limits.ts";

const todo = {
  fields: {
    title: register(string({ maxLength: 20 })),
    done: register(boolean()).default(false),
    note: register(string()).optional(),
    data: register(json()).optional(),
    author: firstWriter(string()).optional(),
    status: multiValue(oneOf("open", "closed")),
    votes: counter(),
    likes: counter({ growOnly: true }),
    tags: set(string()),
    banned: set(string(), { removeWins: true }),
    body: text(),
    meta: map(),
  },
};

async function open(seed = 1): Promise<Database> {
  return openDatabase(seededOptions(createMemoryStore(), seed));
}

describe("writes", () => {
  it("insert, update, upsert and delete documents of every kind of field", async () => {
    const db = await open();
    const todos = db.collection("todos", todo);
    const id = await todos.insert({
      title: "a",
      data: { list: [1, 2n, null] },
      author: "ann",
      status: "open",
      votes: 2,
      likes: 1,
      tags: ["x", "y", "x"],
      banned: ["q"],
      body: "text",
      meta: { k: 1 },
    });
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    await todos.update(id, { note: "n", done: true });
    await todos.update(id, (t) => {
      expect([t.title, t.votes.value, t.tags.values]).toEqual(["a", 2, ["x", "y"]]);
      t.votes.decrement(5);
      t.likes.increment();
      expect(t.tags.remove("x")).toBe(true);
      expect(t.tags.remove("none")).toBe(false);
      expect(t.tags.has("y")).toBe(true);
      t.banned.remove("q");
      t.author = "bob";
      t.status.set("closed");
      t.meta.set("k", 2);
      t.body.insert(4, "!");
      expect(t.votes.value).toBe(-3);
    });
    expect(await todos.get(id)).toEqual({
      id,
      title: "a",
      done: true,
      note: "n",
      data: { list: [1, 2n, null] },
      author: "ann",
      status: ["closed"],
      votes: -3,
      likes: 2,
      tags: ["y"],
      banned: [],
    });
    expect(await todos.read(id, "body", (body) => body.toString())).toBe("text!");
    expect(await todos.read(id, "meta", (meta) => meta.get("k"))).toBe(2);
    await todos.update(id, { note: undefined });
    await todos.upsert({ id, title: "b", votes: 1, tags: ["z"] });
    expect(await todos.get(id)).toMatchObject({ title: "b", done: true, votes: -2, tags: ["y", "z"] });
    expect((await todos.get(id))?.note).toBeUndefined();
    expect(await todos.delete(id)).toBe(true);
    expect(await todos.delete(id)).toBe(false);
    expect(await todos.get(id)).toBeUndefined();
    expect(await todos.read(id, "body", (body) => body.toString())).toBeUndefined();
    await todos.insert({ id, title: "anew" });
    expect(await todos.get(id)).toMatchObject({ title: "anew", votes: 0, tags: [], status: [] });
    await db.close();
  });

  it("are one commit and one event each, however many documents they change", async () => {
    const db = await open();
    const todos = db.collection("todos", todo);
    const commits: number[] = [];
    const events: number[] = [];
    db.replica.onCommit(({ deltas }) => commits.push(deltas.length));
    using _ = todos.onChange((ids) => events.push(ids === "all" ? -1 : ids.size));
    const ids = await todos.insertMany(Array.from({ length: 500 }, (_, i) => ({ title: `t${i}` })));
    await todos.updateMany(ids, { done: true });
    await todos.updateMany(ids.slice(0, 2).map((id, i) => ({ id, title: `u${i}` })));
    expect(await todos.deleteMany([...ids.slice(1), "none"])).toBe(499);
    expect(commits).toEqual([1, 1, 1, 1]);
    expect(events).toEqual([500, 500, 2, 499]);
    expect(await todos.getMany(["none", ids[0] as string])).toEqual([
      undefined,
      expect.objectContaining({ title: "u0", done: true }),
    ]);
    await db.close();
  });

  it("of a transaction over several collections are all made or none", async () => {
    const db = await open();
    const [a, b] = [db.collection("a", todo), db.collection("b", todo)];
    await expect(
      db.transact((tx) => {
        tx.in(a).insert({ id: "1", title: "a" });
        tx.in(b).insert({ id: "1", title: "b" });
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect([await a.has("1"), await b.has("1")]).toEqual([false, false]);
    const kept = await db.transact((tx) => {
      const writer = tx.in(a);
      writer.insert({ id: "1", title: "a", votes: 1 });
      writer.update("1", (t) => t.votes.increment());
      return [writer.get("1")?.votes, writer.has("2"), writer.delete("2"), tx.in(b).insert({ id: "1", title: "b" })];
    });
    expect(kept).toEqual([2, false, false, "1"]);
    expect((await refusal(() => db.transact(async () => {}))).code).toBe("TRANSACTION_ASYNC");
    await db.close();
  });

  it("that change nothing take the next one's place in nothing", async () => {
    const db = await open();
    const todos = db.collection("todos", todo);
    await todos.insert({ id: "a", title: "a", tags: ["x"] });
    for (let i = 0; i < 3; i++) {
      await todos.update("a", (t) => {
        t.tags.remove("x");
        t.tags.add("x");
        t.tags.remove("x");
        t.tags.add("x");
      });
      await todos.update("a", () => {});
    }
    await todos.update("a", { title: "b" });
    expect(await todos.get("a")).toMatchObject({ title: "b", tags: ["x"] });
    await db.close();
  });

  it("converge with those of another member", async () => {
    const db = await open();
    const todos = db.collection("todos", todo);
    await todos.insert({ id: "a", title: "a", status: "open", tags: ["x"], banned: ["q"] });
    const other = await openMember(db, createMemoryStore(), 9);
    await exchange(db, other);
    const theirs = other.collection("todos", todo);
    await todos.update("a", (t) => {
      t.votes.increment(2);
      t.tags.add("x");
      t.status.set("open");
      t.banned.remove("q");
    });
    await theirs.update("a", (t) => {
      t.votes.increment(3);
      t.tags.remove("x");
      t.status.set("closed");
      t.banned.add("q");
    });
    await exchange(db, other);
    await exchange(other, db);
    const shown = await todos.get("a");
    expect(shown).toEqual(await theirs.get("a"));
    expect(shown).toMatchObject({ votes: 5, tags: ["x"], banned: [] });
    expect(shown?.status.toSorted()).toEqual(["closed", "open"]);
    await db.close();
    await other.close();
  });
});

describe("documents", () => {
  it("are immutable all the way down, and the same object while they do not change", async () => {
    const db = await open();
    const todos = db.collection("todos", todo);
    await todos.insert({ id: "a", title: "a", data: { deep: [1] }, tags: ["x"] });
    await todos.insert({ id: "b", title: "b" });
    const document = must(await todos.get("a"), "it is there");
    expect(() => Object.assign(document, { title: "b" })).toThrow(TypeError);
    expect(() => (document.tags as string[]).push("y")).toThrow(TypeError);
    expect(() => (document.data as { deep: number[] }).deep.push(2)).toThrow(TypeError);
    await todos.update("b", { title: "c" });
    expect(await todos.get("a")).toBe(document);
    await todos.update("a", { title: "b" });
    expect(await todos.get("a")).not.toBe(document);
    await db.close();
  });

  it("are iterated in pages, by id, and pinned in memory", async () => {
    const db = await open();
    const todos = db.collection("todos", todo);
    const ids = Array.from({ length: 700 }, (_, i) => `id${String(i).padStart(4, "0")}`);
    await todos.insertMany(ids.toReversed().map((id) => ({ id, title: "t" })));
    const found: string[] = [];
    for await (const { id } of todos.scan()) found.push(id);
    expect(found).toEqual(ids);
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    await expect(todos.scan({ signal: controller.signal }).next()).rejects.toThrow("enough");
    using pin = await todos.pin("id0001");
    expect(pin).toBeDefined();
    expect(await todos.pin("none")).toBeUndefined();
    await db.close();
  });
});

describe("bad input", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const deep = Array.from({ length: INPUT_DEPTH_MAX + 1 }).reduce<unknown>((inner) => [inner], 1);
  const polluted = JSON.parse('{"a": {"__proto__": 1}}');
  const cases: readonly (readonly [what: string, input: unknown, code: string, field: string | undefined])[] = [
    ["a wrong type", { title: 5 }, "DOCUMENT_INVALID", "title"],
    ["what the schema refuses", { title: "x".repeat(21) }, "DOCUMENT_INVALID", "title"],
    ["a missing field", {}, "FIELD_MISSING", "title"],
    ["an unknown field", { title: "a", nope: 1 }, "FIELD_UNKNOWN", "nope"],
    ["a field named __proto__", JSON.parse('{"title": "a", "__proto__": 1}'), "FIELD_UNKNOWN", "__proto__"],
    ["NaN", { title: "a", data: { x: [Number.NaN] } }, "DOCUMENT_INVALID", "data.x[0]"],
    ["an infinity", { title: "a", data: Number.POSITIVE_INFINITY }, "DOCUMENT_INVALID", "data"],
    ["an unsafe integer", { title: "a", data: [2 ** 53] }, "DOCUMENT_INVALID", "data[0]"],
    ["a cyclic value", { title: "a", data: cyclic }, "DOCUMENT_INVALID", "data.self"],
    ["a value too deep", { title: "a", data: deep }, "DOCUMENT_INVALID", `data${"[0]".repeat(INPUT_DEPTH_MAX)}`],
    ["a key that reaches the prototype", { title: "a", data: polluted }, "DOCUMENT_INVALID", "data.a.__proto__"],
    ["an instance of a class", { title: "a", data: new Date(0) }, "DOCUMENT_INVALID", "data"],
    ["a lone surrogate", { title: "\ud800" }, "DOCUMENT_INVALID", "title"],
    ["a function", { title: "a", data: { f: () => 1 } }, "DOCUMENT_INVALID", "data.f"],
    ["undefined in a value", { title: "a", data: { u: undefined } }, "DOCUMENT_INVALID", "data.u"],
    ["a fraction in a counter", { title: "a", votes: 0.5 }, "DOCUMENT_INVALID", "votes"],
    ["less in a counter that grows", { title: "a", likes: -1 }, "DOCUMENT_INVALID", "likes"],
    ["a wrong element", { title: "a", tags: ["a", 1] }, "DOCUMENT_INVALID", "tags[1]"],
    ["no array for a set", { title: "a", tags: "a" }, "DOCUMENT_INVALID", "tags"],
    ["no text for a text", { title: "a", body: 1 }, "DOCUMENT_INVALID", "body"],
    ["no object for a map", { title: "a", meta: [1] }, "DOCUMENT_INVALID", "meta"],
    ["an empty id", { id: "", title: "a" }, "ID_INVALID", undefined],
    ["an id that is no text", { id: 5, title: "a" }, "ID_INVALID", undefined],
    ["an id that is too long", { id: "ä".repeat(DOCUMENT_ID_BYTES_MAX / 2 + 1), title: "a" }, "ID_INVALID", undefined],
    ["no object", "a", "DOCUMENT_INVALID", undefined],
    ["an array", [], "DOCUMENT_INVALID", undefined],
  ];

  it.each(cases)("%s is refused with its place, and nothing is written", async (_, input, code, field) => {
    const db = await open();
    const todos = db.collection("todos", todo);
    const before = db.replica.flushed.count;
    const error = await refusal(() => todos.insertMany([{ title: "fine" }, input as never]));
    expect([error.code, error.place.collection, error.place.index, error.place.field]).toEqual([
      code,
      "todos",
      1,
      field,
    ]);
    expect(await todos.query().count()).toBe(0);
    expect(db.replica.flushed.count).toBe(before);
    await db.close();
  });

  it("takes an id of every byte that it may have", async () => {
    const db = await open();
    const todos = db.collection("todos", todo);
    const id = "ä".repeat(DOCUMENT_ID_BYTES_MAX / 2);
    await todos.insert({ id, title: "a" });
    expect(await todos.has(id)).toBe(true);
    await db.close();
  });

  it("names the item and the id of a write that the state refuses, and takes all of the call back", async () => {
    const db = await open();
    const todos = db.collection("todos", todo);
    await todos.insert({ id: "b", title: "b" });
    const exists = await refusal(() =>
      todos.insertMany([
        { id: "a", title: "a" },
        { id: "b", title: "b" },
      ]),
    );
    expect([exists.code, exists.place]).toEqual(["DOCUMENT_EXISTS", { collection: "todos", index: 1, id: "b" }]);
    const missing = await refusal(() => todos.updateMany(["b", "c"], { title: "x" }));
    expect([missing.code, missing.place]).toEqual(["DOCUMENT_MISSING", { collection: "todos", index: 1, id: "c" }]);
    const wrong = await refusal(() =>
      todos.update("b", (t) => {
        t.votes.increment(1);
        t.title = 5 as never;
      }),
    );
    expect([wrong.code, wrong.place]).toEqual(["DOCUMENT_INVALID", { collection: "todos", id: "b", field: "title" }]);
    expect((await refusal(() => todos.update("b", { title: undefined as never }))).code).toBe("DOCUMENT_INVALID");
    expect((await refusal(() => todos.update("b", { votes: 1 } as never))).message).toContain("editor");
    expect((await refusal(() => todos.update("b", (t) => t.likes.decrement()))).place.field).toBe("likes");
    expect(await todos.query().toArray()).toEqual([expect.objectContaining({ id: "b", title: "b", votes: 0 })]);
    const element = await refusal(() => todos.update("b", (t) => t.tags.add("x".repeat(2_000))));
    expect([element.code, element.place.id]).toEqual(["KEY_TOO_LONG", "b"]);
    await db.close();
  });

  it("is refused by an editor, by a query and by what reads, each with a code", async () => {
    const db = await open();
    const todos = db.collection("todos", todo);
    await todos.insert({ id: "a", title: "a" });
    type Edit = (
      edited: Parameters<Extract<Parameters<typeof todos.update>[1], (edited: never) => void>>[0],
    ) => unknown;
    const edit = (run: Edit) => refusal(() => todos.update("a", (edited) => void run(edited)));
    const edits: readonly (readonly [Edit, code: string, field?: string])[] = [
      [(t) => Object.assign(t, { nope: 1 }), "FIELD_UNKNOWN", "nope"],
      [(t) => Reflect.set(t, "__proto__", { x: 1 }), "FIELD_UNKNOWN", "__proto__"],
      [(t) => Object.assign(t, { votes: 5 }), "DOCUMENT_INVALID", "votes"],
      [(t) => t.votes.increment(2 ** 53), "DOCUMENT_INVALID", "votes"],
      [(t) => t.meta.set("k", Number.NaN), "VALUE_INVALID"],
      [(t) => t.meta.set("k", cyclic as never), "VALUE_TOO_LARGE"],
      [(t) => t.meta.set("k", polluted), "VALUE_INVALID"],
      [(t) => t.meta.set("__proto__", 1), "KEY_INVALID"],
      [(t) => t.body.insert(0, 5 as never), "VALUE_INVALID"],
      [(t) => t.body.insert(9, "x"), "TEXT_OUT_OF_RANGE"],
    ];
    for (const [run, code, field] of edits) {
      const { code: found, place } = await edit(run);
      expect([found, place.id, place.field]).toEqual([code, "a", field]);
    }
    const queries: readonly object[] = [
      { nope: 1 },
      { filter: "a" },
      { limit: Number.NaN },
      { where: { title: Number.NaN } },
      { where: { title: cyclic } },
      { range: { title: { gt: () => 1 } } },
      { contains: { tags: Symbol.iterator } },
    ];
    for (const query of queries) {
      const { code, place } = await refusal(() => todos.query(query as never).toArray());
      expect([code, place.collection]).toEqual(["QUERY_INVALID", "todos"]);
    }
    expect((await refusal(() => todos.read("a", "title" as never, () => 1))).place.field).toBe("title");
    expect((await refusal(() => db.undo({ captureMs: Number.NaN }))).code).toBe("UNDO_INVALID");
    expect((await refusal(() => db.undo({ limit: -1 }))).code).toBe("UNDO_INVALID");
    expect(await todos.get("a")).toEqual(await todos.at(db.version()).get("a"));
    await db.close();
  });

  it("is refused in a definition, too", async () => {
    const db = await open();
    const code = (name: string, definition: object) => refusal(() => db.collection(name, definition as never));
    expect((await code("", { fields: {} })).code).toBe("SCHEMA_INVALID");
    expect((await code("x".repeat(NAME_BYTES_MAX + 1), { fields: {} })).code).toBe("SCHEMA_INVALID");
    expect((await code("a", { fields: { id: counter() } })).place.field).toBe("id");
    expect((await code("a", { fields: { constructor: counter() } })).place.field).toBe("constructor");
    expect((await code("a", { fields: {}, version: 0 })).code).toBe("SCHEMA_INVALID");
    expect((await code("a", { fields: { a: register(string()).default(5 as never) } })).code).toBe("DOCUMENT_INVALID");
    const many = Object.fromEntries(Array.from({ length: SCHEMA_FIELDS_MAX + 1 }, (_, i) => [`f${i}`, counter()]));
    expect((await code("a", { fields: many })).message).toContain("at most");
    db.collection("a", todo);
    expect(db.collection("a", todo)).toBe(db.collection("a", todo));
    expect((await code("a", { fields: {} })).code).toBe("SCHEMA_INVALID");
    await db.close();
    expect((await code("b", todo)).code).toBe("DATABASE_CLOSED");
  });
});

describe("signals", () => {
  it("end the waiting, before a write or during it", async () => {
    let flushes: (() => void)[] = [];
    const store = createMemoryStore({ flush: () => new Promise((resolve) => flushes.push(resolve)) });
    const opening = openDatabase(seededOptions(store, 4));
    let db: Database | undefined;
    void opening.then((opened) => {
      db = opened;
    });
    const release = (): void => {
      for (const flush of flushes.splice(0)) flush();
    };
    while (db === undefined) {
      release();
      await Promise.resolve();
    }
    const todos = db.collection("todos", todo);
    const aborted = AbortSignal.abort(new Error("too late"));
    await expect(todos.insert({ title: "a" }, { signal: aborted })).rejects.toThrow("too late");
    const controller = new AbortController();
    const waiting = todos.insert({ title: "b" }, { signal: controller.signal });
    controller.abort(new Error("given up"));
    await expect(waiting).rejects.toThrow("given up");
    const closing = db.close();
    let isClosed = false;
    void closing.then(() => {
      isClosed = true;
    });
    while (!isClosed) {
      release();
      await Promise.resolve();
    }
    flushes = [];
  });
});

describe("ids", () => {
  it("that are made here sort by time and are never the same", async () => {
    const { createIdSource } = await import("./write/new-id.ts");
    const prng = createPrng(3);
    let now = 1_800_000_000_000;
    const next = createIdSource({ now: () => now++ }, { bytes: (length) => prng.bytes(length) });
    const ids = Array.from({ length: 1_000 }, next);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
