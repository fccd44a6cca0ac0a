import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { LOG_PAGE_BYTES, LOG_PAGE_ROWS } from "../collections/history/limits.ts";
import { counter, list, openDatabase, register, string, text } from "./index.ts";
import { seededOptions } from "./testing.ts";

const definition = { fields: { title: register(string()), votes: counter(), body: text() } };

it("reads a document as it was, what differs between two versions, and when it changed", async () => {
  const store = createMemoryStore();
  let db = await openDatabase(seededOptions(store, 1));
  let todos = db.collection("todos", definition);
  const empty = db.version();
  await todos.insert({ id: "a", title: "one", votes: 2 });
  const first = db.version();
  await todos.update("a", (todo) => {
    todo.title = "two";
    todo.votes.increment(0);
  });
  await todos.insert({ id: "b", title: "other" });
  const second = db.version();
  await todos.delete("a");
  await db.close();
  db = await openDatabase(seededOptions(store, 1));
  todos = db.collection("todos", definition);
  const shown = await Promise.all([empty, first, second, db.version()].map((version) => todos.at(version).get("a")));
  const one = { id: "a", title: "one", votes: 2 };
  expect(shown).toEqual([undefined, one, { ...one, title: "two" }, undefined]);
  expect(await todos.diff("a", first, second)).toEqual({ title: { before: "one", after: "two" } });
  expect(await todos.diff("a", second, empty)).toEqual({
    title: { before: "two", after: undefined },
    votes: { before: 2, after: undefined },
  });
  const versions = await todos.history("a");
  expect(versions.map(({ kind, fields, origin }) => [kind, origin, ...fields].join(" "))).toEqual([
    "delete here",
    "update here title",
    "insert here",
  ]);
  expect(versions[2]?.version).toBe(first);
  expect(versions[0]?.atMs).toBe(1_800_000_000_000);
  expect(await todos.history("none")).toEqual([]);
  expect(() => todos.at(`${first}x`)).toThrow(/none of a place/);
  await db.close();
});

it("reads a text and a list as they were, and says what was done to them", async () => {
  const db = await openDatabase(seededOptions(createMemoryStore(), 3));
  const notes = db.collection("notes", { fields: { body: text(), cards: list(string()) } });
  await notes.insert({ id: "n", body: "hello world", cards: ["a", "b", "c"] });
  const before = db.version();
  await notes.update("n", ({ body, cards }) => {
    body.delete(0, 5);
    body.insert(0, "dear");
    body.insert(body.length, "!");
    cards.move(0, 2);
    cards.set(0, "B");
  });
  const after = db.version();
  await notes.delete("n");
  expect(await notes.at(before).read("n", "body", (body) => body.toString())).toBe("hello world");
  expect(await notes.at(after).read("n", "cards", (cards) => cards.toArray())).toEqual(["B", "c", "a"]);
  expect(await notes.at(db.version()).read("n", "body", (body) => body.toString())).toBeUndefined();
  expect(await notes.diff("n", before, after)).toEqual({
    body: {
      before: "hello world",
      after: "dear world!",
      edits: [
        { at: 0, removed: 5, inserted: "dear" },
        { at: 11, removed: 0, inserted: "!" },
      ],
    },
    cards: {
      before: ["a", "b", "c"],
      after: ["B", "c", "a"],
      edits: [
        { at: 0, removed: 2, inserted: ["B"] },
        { at: 3, removed: 0, inserted: ["a"] },
      ],
    },
  });
  expect((await notes.diff("n", after, db.version())).body).toMatchObject({ before: "dear world!", after: undefined });
  await db.close();
});

it("makes a text of more deltas than are read at once", async () => {
  const db = await openDatabase(seededOptions(createMemoryStore(), 4));
  const notes = db.collection("notes", { fields: { body: text() } });
  await notes.insert({ id: "n", body: "" });
  const part = "x".repeat(LOG_PAGE_BYTES / 2);
  const versions: string[] = [];
  for (let i = 0; i < 3; i++) {
    await notes.update("n", ({ body }) => body.insert(0, part));
    versions.push(db.version());
  }
  const lengthAt = (version = "") => notes.at(version).read("n", "body", (body) => body.length);
  expect(await Promise.all(versions.map(lengthAt))).toEqual([1, 2, 3].map((parts) => parts * part.length));
  await db.close();
});

it("finds what is older than a page of the log", async () => {
  const db = await openDatabase(seededOptions(createMemoryStore(), 2));
  const todos = db.collection("todos", definition);
  await todos.insert({ id: "a", title: "one" });
  const version = db.version();
  await todos.update("a", { title: "two" });
  for (let i = 0; i < LOG_PAGE_ROWS + 1; i++) await todos.insert({ title: String(i) });
  expect(await todos.history("a")).toHaveLength(2);
  expect(await todos.history("a", { limit: 1 })).toHaveLength(1);
  expect((await todos.at(version).get("a"))?.title).toBe("one");
  expect((await todos.at(db.version()).get("a"))?.title).toBe("two");
  await db.close();
});
