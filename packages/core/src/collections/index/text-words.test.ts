import { createAsyncMemoryStore, createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { type Database, openDatabase, register, string, text, words } from "../../database/index.ts";
import { exchange, openMember, seededOptions, sharedStores } from "../../database/testing.ts";
import { TEXT_LOG_DELTAS } from "../limits.ts";
import { decodeWords, encodeWords } from "./text-words.ts";

const definition = {
  fields: { title: register(string()).optional(), body: text() },
  indexes: { body: words("body") },
};
const notesOf = (db: Database) => db.collection("notes", definition);
const found = (db: Database, match: string) =>
  notesOf(db)
    .query({ match: { body: match } })
    .ids();

describe("an index of the words of a text", () => {
  it("follows what is typed, here and elsewhere, and uses the index", async () => {
    const db = await openDatabase(seededOptions(createMemoryStore(), 1));
    const other = await openMember(db, createMemoryStore(), 2);
    await notesOf(db).insertMany([{ id: "a", body: "red roses" }, { id: "b", body: "blue" }, { id: "c" }]);
    await exchange(db, other);
    expect(await found(db, "ros")).toEqual(["a"]);
    expect(
      (
        await notesOf(db)
          .query({ match: { body: "ros" } })
          .explain()
      ).index,
    ).toBe("body");
    await notesOf(db).update("c", ({ body }) => body.insert(0, "Rosé, too"));
    await notesOf(other).update("a", ({ body }) => body.delete(4, 5));
    await exchange(other, db);
    expect([await found(db, "rose"), await found(db, "red"), await found(other, "blu")]).toEqual([["c"], ["a"], ["b"]]);
    await notesOf(db).delete("c");
    expect(await found(db, "rose")).toEqual([]);
    await db.close();
    await other.close();
  });

  it("finds what was typed while it was not declared, and is built of what was there before", async () => {
    const store = createMemoryStore();
    const plain = { fields: definition.fields };
    let db = await openDatabase(seededOptions(store, 1));
    await db.collection("notes", plain).insert({ id: "a", body: "early" });
    await db.close();
    db = await openDatabase(seededOptions(store, 1));
    expect(await found(db, "early")).toEqual(["a"]);
    await db.close();
    db = await openDatabase(seededOptions(store, 1));
    await db.collection("notes", plain).update("a", ({ body }) => body.insert(0, "late "));
    await db.close();
    db = await openDatabase(seededOptions(store, 1));
    expect([await found(db, "late"), await found(db, "early")]).toEqual([["a"], ["a"]]);
    await db.close();
  });

  it("is read from a store that must load, page by page", async () => {
    const db = await openDatabase(seededOptions(createAsyncMemoryStore({ pageEntries: 8, pagesMax: 8 }), 1));
    const ids = Array.from({ length: 40 }, (_, i) => `n${i}`);
    await notesOf(db).insertMany(ids.map((id, i) => ({ id, body: i % 4 === 0 ? "red rose" : "blue" })));
    expect(await found(db, "r")).toHaveLength(10);
    for (const id of ids.slice(0, 20)) await notesOf(db).update(id, ({ body }) => body.delete(0, body.length));
    expect(await found(db, "r")).toHaveLength(5);
    await db.close();
  });

  it("takes in more deltas than one page has", async () => {
    const db = await openDatabase(seededOptions(createMemoryStore(), 1));
    await notesOf(db).insert({ id: "a" });
    expect(await found(db, "x")).toEqual([]);
    for (let i = 0; i < TEXT_LOG_DELTAS; i++) await notesOf(db).update("a", ({ body }) => body.insert(0, "x"));
    await notesOf(db).insert({ id: "b", body: "last" });
    expect([await found(db, "xxx"), await found(db, "last")]).toEqual([["a"], ["b"]]);
    await db.close();
  });

  it("is kept by two openers of one store in turns", async () => {
    const [here, there] = sharedStores(createMemoryStore());
    const one = await openDatabase(seededOptions(here, 1));
    const two = await openDatabase(seededOptions(there, 2));
    await notesOf(one).insert({ id: "a", body: "red" });
    expect([await found(one, "red"), await found(two, "red")]).toEqual([["a"], ["a"]]);
    await notesOf(two).update("a", ({ body }) => body.delete(0, 3));
    await notesOf(two).update("a", ({ body }) => body.insert(0, "blue"));
    const both = await Promise.all([found(one, "blue"), found(two, "blue")]);
    // The first has heard of it at the latest when it has had a turn.
    await one.apply([]);
    expect([both[1], await found(one, "blue"), await found(one, "red")]).toEqual([["a"], ["a"], []]);
    await one.close();
    await two.close();
  });

  it("keeps a live query", async () => {
    const db = await openDatabase(seededOptions(createMemoryStore(), 1));
    const notes = notesOf(db);
    await notes.insertMany([
      { id: "a", body: "red" },
      { id: "b", body: "blue" },
    ]);
    const pages = notes.query({ match: { body: "red" } }).watch();
    expect((await pages.next()).value?.documents.map(({ id }) => id)).toEqual(["a"]);
    await notes.update("b", ({ body }) => body.insert(4, " red"));
    expect((await pages.next()).value?.documents.map(({ id }) => id)).toEqual(["a", "b"]);
    await notes.update("a", ({ body }) => body.delete(0, 3));
    expect((await pages.next()).value?.documents.map(({ id }) => id)).toEqual(["b"]);
    await pages.return();
    await db.close();
  });

  it("reads its rows whatever is in them", () => {
    const corpus = [[], ["a"], ["a", "bc", "ü"]].map(encodeWords);
    const report = fuzzDecoder({ name: "words of a text", seed: 81, corpus, decode: decodeWords, encode: encodeWords });
    expect(report.accepted).toBeGreaterThan(100);
  });
});
