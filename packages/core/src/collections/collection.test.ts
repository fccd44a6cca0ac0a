import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { createPrng, must } from "../base/index.ts";
import type { Database } from "../database/index.ts";
import { openDatabase } from "../database/open-database.ts";
import { exchange, openMember, refusal, seededOptions } from "../database/testing.ts";
import {
  boolean,
  counter,
  firstWriter,
  json,
  map,
  multiValue,
  oneOf,
  register,
  set,
  string,
  text,
  unique,
} from "./index.ts";

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

describe("signals", () => {
  it("end the waiting for whatever is read, at once or later", async () => {
    await using db = await openDatabase(seededOptions(createMemoryStore(), 5));
    const notes = db.collection("notes", {
      fields: { title: register(string()), body: text() },
      indexes: { title: unique((note: { title: string }) => note.title) },
    });
    const id = await notes.insert({ title: "a", body: "b" });
    type Options = { readonly signal: AbortSignal };
    const calls: readonly ((options: Options) => Promise<unknown>)[] = [
      (options) => notes.get(id, options),
      (options) => notes.getMany([id], options),
      (options) => notes.has(id, options),
      (options) => notes.indexed(options),
      (options) => notes.read(id, "body", String, options),
      (options) => notes.pin(id, options),
      (options) => notes.violations("title", options),
      (options) => notes.query().toArray(options),
      (options) => notes.query().first(options),
      (options) => notes.query().ids(options),
      (options) => notes.query().count(options),
      (options) => notes.query().page(options),
      (options) => notes.query().explain(options),
      (options) => db.settled(options),
      (options) => db.compact(options),
    ];
    for (const call of calls) {
      await expect(call({ signal: AbortSignal.abort(new Error("too late")) })).rejects.toThrow("too late");
      const controller = new AbortController();
      const waiting = call({ signal: controller.signal });
      controller.abort(new Error("given up"));
      await expect(waiting).rejects.toThrow("given up");
      await call({ signal: new AbortController().signal });
    }
  });

  it("leave nothing pinned that was given up", async () => {
    await using db = await openDatabase(seededOptions(createMemoryStore(), 6));
    const notes = db.collection("notes", { fields: { title: register(string()) } });
    const id = await notes.insert({ title: "a" });
    const controller = new AbortController();
    const pinning = notes.pin(id, { signal: controller.signal });
    controller.abort(new Error("given up"));
    await expect(pinning).rejects.toThrow("given up");
    await notes.get(id);
    db.replica.document.release();
    expect(db.replica.document.recordCacheStats.bytes).toBe(0);
  });

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
