import { createAsyncMemoryStore, createMemoryStore, type MemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import type { Database } from "../database/index.ts";
import { openDatabase } from "../database/open-database.ts";
import { exchange, openMember, seededOptions } from "../database/testing.ts";
import { keyEnd } from "./index/ordered-key.ts";
import { entryPrefix } from "./index/rows.ts";
import { wordsOf } from "./index/words.ts";
import {
  boolean,
  Collection,
  CollectionError,
  compileIndexes,
  compileSchema,
  counter,
  each,
  register,
  set,
  string,
  unique,
  words,
} from "./index.ts";
import {
  BUILD_PAGE_DOCUMENTS,
  INDEX_COLUMNS_MAX,
  INDEXES_MAX,
  KEYS_PER_DOCUMENT_MAX,
  WORD_UNITS_MAX,
} from "./limits.ts";

const fields = {
  title: register(string()),
  done: register(boolean()).default(false),
  group: register(string()).optional(),
  votes: counter(),
  tags: set(string()),
};
const indexes = {
  done: "done",
  byVotes: (t: { votes: number }) => t.votes,
  doneVotes: ["done", "votes"],
  byTag: each((t: { tags: readonly string[] }) => t.tags),
  words: words((t: { title: string }) => t.title),
  group: unique((t: { group?: string | undefined }) => t.group),
} as const;
const todo = { fields, indexes };

async function filled(
  count: number,
  store: MemoryStore = createMemoryStore(),
): Promise<{ db: Database; store: MemoryStore }> {
  const db = await openDatabase(seededOptions(store, count));
  const todos = db.collection("todos", { fields });
  await todos.insertMany(
    Array.from({ length: count }, (_, i) => ({
      id: `id${String(i).padStart(5, "0")}`,
      title: `Number ${i}`,
      done: i % 2 === 0,
      votes: i % 10,
      tags: [`t${i % 3}`],
    })),
  );
  await db.close();
  return { db: await openDatabase(seededOptions(store, count + 1)), store };
}

const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (thrown) {
    if (thrown instanceof CollectionError) return thrown.code;
    throw thrown;
  }
  return "none";
};

describe("queries", () => {
  it("say how they are answered", async () => {
    const { db } = await filled(200);
    const todos = db.collection("todos", todo);
    await todos.indexed();
    const explain = (options: Parameters<typeof todos.query>[0]) => todos.query(options).explain();
    expect(await explain({ where: { done: true, votes: 4 } })).toMatchObject({
      index: "doneVotes",
      order: "index",
      scanned: 20,
      returned: 20,
    });
    expect(await explain({ where: { byVotes: 3 } })).toMatchObject({ index: "byVotes", scanned: 20, returned: 20 });
    expect(await explain({ range: { byVotes: { gt: 7 } } })).toMatchObject({
      index: "byVotes",
      scanned: 40,
      order: "index",
    });
    expect(await explain({ where: { doneVotes: [false, 1] } })).toMatchObject({ index: "doneVotes", returned: 20 });
    expect(await explain({ contains: { byTag: "t1" } })).toMatchObject({ index: "byTag", returned: 67 });
    expect(await explain({ match: { words: "number 19" } })).toMatchObject({
      index: "words",
      order: "sorted",
      returned: 11,
    });
    expect(await explain({ where: { title: "Number 7" } })).toMatchObject({
      index: undefined,
      order: "id",
      scanned: 200,
      returned: 1,
    });
    expect(await explain({ orderBy: ["byVotes", "desc"], limit: 5 })).toMatchObject({
      index: "byVotes",
      scanned: 6,
      returned: 5,
    });
    expect(await explain({ orderBy: "title", limit: 5 })).toMatchObject({
      index: undefined,
      order: "sorted",
      scanned: 200,
    });
    await db.close();
  });

  it("with a limit try the order first, and give it up when too little of it fits", async () => {
    const { db } = await filled(2_000);
    const todos = db.collection("todos", {
      fields,
      indexes: { done: "done", votes: "votes", title: "title" },
    });
    await todos.indexed();
    const many = await todos.query({ where: { done: true }, orderBy: ["votes", "desc"], limit: 5 }).explain();
    expect([many.index, many.order, many.returned]).toEqual(["votes", "index", 5]);
    const query = todos.query({ where: { title: "Number 0" }, orderBy: ["votes", "desc"], limit: 5 });
    const few = await query.explain();
    expect([few.index, few.order, few.scanned]).toEqual(["title", "sorted", 1]);
    expect((await query.first())?.title).toBe("Number 0");
    await db.close();
  });

  it("are read page by page with a cursor, in any order, each document once", async () => {
    const { db } = await filled(57);
    const todos = db.collection("todos", todo);
    for (const orderBy of [
      ["byVotes", "desc"],
      ["byVotes", "asc"],
      ["title", "asc"],
      ["id", "desc"],
      ["done", "desc"],
    ] as const) {
      const all = await todos.query({ orderBy }).toArray();
      const found: unknown[] = [];
      let cursor: string | undefined;
      do {
        const page = await todos
          .query({ orderBy, limit: 10, ...(cursor === undefined ? {} : { after: cursor }) })
          .page();
        found.push(...page.documents);
        ({ cursor } = page);
      } while (cursor !== undefined);
      expect(found, orderBy.join(" ")).toEqual(all);
      expect(all).toHaveLength(57);
    }
    await db.close();
  });

  it("that ask for what is not there are refused", async () => {
    const { db } = await filled(1);
    const todos = db.collection("todos", todo);
    const query = (options: object) => codeOf(() => todos.query(options as never));
    expect(await query({ where: { nope: 1 } })).toBe("QUERY_INVALID");
    expect(await query({ orderBy: ["done", "up"] })).toBe("QUERY_INVALID");
    expect(await query({ orderBy: "doneVotes" })).toBe("QUERY_INVALID");
    expect(await query({ where: { doneVotes: [1] } })).toBe("QUERY_INVALID");
    expect(await query({ range: { votes: { above: 1 } } })).toBe("QUERY_INVALID");
    expect(await query({ range: { votes: 1 } })).toBe("QUERY_INVALID");
    expect(await query({ match: { words: 1 } })).toBe("QUERY_INVALID");
    expect(await query({ limit: -1 })).toBe("QUERY_INVALID");
    expect(await query({ offset: 0.5 })).toBe("QUERY_INVALID");
    expect(await query({ after: "!" })).toBe("QUERY_INVALID");
    expect(await query({ where: { __proto__: null } })).toBe("none");
    expect(await codeOf(() => todos.violations("done"))).toBe("QUERY_INVALID");
    await db.close();
    expect(await codeOf(() => todos.query().toArray())).toBe("DATABASE_CLOSED");
  });
});

describe("an index", () => {
  it("that is declared later is built in pages, while documents change", async () => {
    const { db } = await filled(3 * BUILD_PAGE_DOCUMENTS + 7);
    const todos = db.collection("todos", todo);
    expect((await todos.query({ where: { byVotes: 3 } }).explain()).index).toBeUndefined();
    await todos.update("id00013", (t) => t.votes.increment(100));
    await todos.delete("id00023");
    await todos.insert({ id: "id00014x", title: "new", votes: 3 });
    await todos.indexed();
    const query = todos.query({ where: { byVotes: 3 } });
    expect((await query.explain()).index).toBe("byVotes");
    const scanned = await todos.query({ filter: (t) => t.votes === 3 }).ids();
    expect(await query.ids()).toEqual(scanned);
    expect(await todos.query({ where: { byVotes: 103 } }).ids()).toEqual(["id00013"]);
    await db.close();
  });

  it("goes on where its building was cut short", async () => {
    const store = createMemoryStore();
    const { db } = await filled(4 * BUILD_PAGE_DOCUMENTS, store);
    db.collection("todos", todo);
    // One page or two are written; then the program ends.
    await db.close();
    const again = await openDatabase(seededOptions(store, 5));
    const todos = again.collection("todos", todo);
    await todos.indexed();
    expect(await todos.query({ where: { byVotes: 3 } }).ids()).toEqual(
      await todos.query({ filter: (t) => t.votes === 3 }).ids(),
    );
    await again.close();
  });

  it("is built anew when its definition changes, and nothing of the old one stays", async () => {
    const { db, store } = await filled(50);
    const first = db.collection("todos", { fields, indexes: { a: "votes", b: { key: "done", version: 1 } } });
    await first.indexed();
    const numbers = [...Collection.boundOf(first).indexes.values()].map(({ number }) => number);
    await db.close();
    const same = await openDatabase(seededOptions(store, 2));
    const kept = same.collection("todos", { fields, indexes: { a: "votes", b: { key: "done", version: 1 } } });
    expect([...Collection.boundOf(kept).indexes.values()].map(({ number }) => number)).toEqual(numbers);
    expect((await kept.query({ where: { votes: 1 } }).explain()).index).toBe("a");
    await same.close();
    const changed = await openDatabase(seededOptions(store, 3));
    const todos = changed.collection("todos", { fields, indexes: { a: "done", b: { key: "done", version: 2 } } });
    await todos.indexed();
    expect(await todos.query({ where: { done: true } }).count()).toBe(25);
    for (const number of numbers) {
      const prefix = entryPrefix(changed.context, number);
      expect([...store.range({ gte: prefix, lt: keyEnd(prefix) })]).toEqual([]);
    }
    await changed.close();
  });

  it("holds what a peer wrote, whatever its function makes of it", async () => {
    const { db } = await filled(0);
    const other = await openMember(db, createMemoryStore(), 77);
    await exchange(db, other);
    const odd = other.collection("todos", {
      fields: { title: register(string()).optional(), done: register(string()) },
    });
    await odd.insert({ id: "odd", done: "yes" });
    const todos = db.collection("todos", {
      fields,
      indexes: { upper: (t) => t.title.toUpperCase(), done: "done" },
    });
    await exchange(other, db);
    expect(await todos.query({ where: { upper: undefined as never } }).ids()).toEqual(["odd"]);
    expect(await todos.query({ where: { done: "yes" as never } }).ids()).toEqual(["odd"]);
    await db.close();
    await other.close();
  });

  it("reports documents that share a unique key, and cannot refuse them", async () => {
    const { db } = await filled(0);
    const todos = db.collection("todos", todo);
    const other = await openMember(db, createMemoryStore(), 88);
    await exchange(db, other);
    const theirs = other.collection("todos", todo);
    const told: unknown[] = [];
    using _ = todos.onViolation((violation) => told.push(violation));
    await todos.insert({ id: "a", title: "a", group: "g" });
    await theirs.insert({ id: "b", title: "b", group: "g" });
    expect(told).toEqual([]);
    await exchange(other, db);
    expect(told).toEqual([{ index: "group", ids: ["a", "b"] }]);
    expect(await todos.violations("group")).toEqual([{ index: "group", ids: ["a", "b"] }]);
    await todos.update("b", { group: "h" });
    expect(await todos.violations("group")).toEqual([]);
    await db.close();
    await other.close();
  });

  it("of a text finds words by their beginnings, whatever their case and accents", async () => {
    expect(wordsOf("Ärger, im GARTEN! o'clock ﬁne 42x")).toEqual([
      "arger",
      "im",
      "garten",
      "o",
      "clock",
      "fine",
      "42x",
    ]);
    expect(wordsOf("x".repeat(WORD_UNITS_MAX + 5))).toEqual(["x".repeat(WORD_UNITS_MAX)]);
    expect(wordsOf(Array.from({ length: KEYS_PER_DOCUMENT_MAX + 5 }, (_, i) => `w${i}`).join(" "))).toHaveLength(
      KEYS_PER_DOCUMENT_MAX,
    );
    const { db } = await filled(0);
    const todos = db.collection("todos", todo);
    await todos.insertMany([
      { id: "a", title: "Der Garten im Frühling" },
      { id: "b", title: "Gärtner gesucht" },
      { id: "c", title: "frühe Gartenarbeit" },
    ]);
    const find = (text: string) => todos.query({ match: { words: text } }).ids();
    expect(await find("gart")).toEqual(["a", "b", "c"]);
    expect(await find("GARTEN frü")).toEqual(["a", "c"]);
    expect(await find("garten gesucht")).toEqual([]);
    expect(await find("...")).toEqual(["a", "b", "c"]);
    await db.close();
  });

  it("has limits of its own", () => {
    const schema = compileSchema("a", 1, fields);
    const define = (definitions: Record<string, unknown>) => () => compileIndexes(schema, definitions);
    expect(define(Object.fromEntries(Array.from({ length: INDEXES_MAX + 1 }, (_, i) => [`i${i}`, "done"])))).toThrow(
      "at most",
    );
    expect(define({ a: Array.from({ length: INDEX_COLUMNS_MAX + 1 }, () => "done") })).toThrow("1 to 4");
    expect(define({ a: "nope" })).toThrow("nope");
    expect(define({ a: 5 })).toThrow("expected a field");
    expect(define({ "": "done" })).toThrow("no name");
    const [tags] = compileIndexes(schema, { tags: each((t: { tags: string[] }) => t.tags) });
    const many = Array.from({ length: KEYS_PER_DOCUMENT_MAX + 1 }, (_, i) => `${i}`);
    expect(tags?.keysOf({ id: "a", tags: [...many, "0"] })).toHaveLength(KEYS_PER_DOCUMENT_MAX);
  });
});

describe("a schema", () => {
  it("that is older than the stored one, or says another thing of a field, is refused by name", async () => {
    const { db, store } = await filled(1);
    db.collection("todos", { fields, version: 2 });
    await db.close();
    const again = await openDatabase(seededOptions(store, 4));
    const refusal = async (definition: object): Promise<CollectionError> => {
      try {
        again.collection("todos", definition as never);
      } catch (thrown) {
        if (thrown instanceof CollectionError) return thrown;
      }
      throw new Error("it was taken");
    };
    expect(await refusal({ fields })).toMatchObject({ code: "SCHEMA_NEWER", place: { collection: "todos" } });
    expect(await refusal({ fields: { ...fields, votes: register(string()) }, version: 2 })).toMatchObject({
      code: "SCHEMA_MISMATCH",
      place: { collection: "todos", field: "votes" },
    });
    expect(await refusal({ fields: { ...fields, more: register(string()) }, version: 2 })).toMatchObject({
      code: "SCHEMA_MISMATCH",
      place: { collection: "todos", field: "more" },
    });
    const todos = again.collection("todos", {
      fields: { ...fields, more: register(string()).default("x") },
      version: 2,
    });
    expect((await todos.get("id00000"))?.more).toBe("x");
    await again.close();
  });
});

describe("a store whose reads must be loaded", () => {
  it("answers all the same, and indexes equal a scan", async () => {
    const { db, store } = await filled(1_500);
    await db.close();
    const paged = createAsyncMemoryStore({ image: store.image(), pageEntries: 50, pagesMax: 8 });
    const opened = await openDatabase({ ...seededOptions(paged, 6), store: paged });
    const todos = opened.collection("todos", todo);
    await todos.indexed();
    expect((await todos.get("id00700"))?.title).toBe("Number 700");
    const ids = await todos.query({ where: { byVotes: 3 } }).ids();
    expect(ids).toHaveLength(150);
    expect((await todos.query({ where: { byVotes: 3 } }).toArray()).map(({ id }) => id)).toEqual(ids);
    expect(await todos.query({ match: { words: "1499" } }).ids()).toEqual(["id01499"]);
    const watched = todos.query({ orderBy: ["byVotes", "desc"], limit: 3 }).watch();
    const first = (await watched.next()).value;
    expect(first?.documents).toHaveLength(3);
    await todos.update("id00001", (t) => t.votes.increment(50));
    expect((await watched.next()).value?.documents[0]?.id).toBe("id00001");
    await watched.return();
    await opened.close();
  });
});
