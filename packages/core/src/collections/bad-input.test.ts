/** What a collection refuses, from whichever side it comes: a code, the place, and nothing written. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import type { Database } from "../database/index.ts";
import { openDatabase } from "../database/open-database.ts";
import { refusal, seededOptions } from "../database/testing.ts";
import { counter, json, map, register, set, string, text } from "./index.ts";
import { DOCUMENT_ID_BYTES_MAX, INPUT_DEPTH_MAX, NAME_BYTES_MAX, SCHEMA_FIELDS_MAX } from "./limits.ts";

const todo = {
  fields: {
    title: register(string({ maxLength: 20 })),
    data: register(json()).optional(),
    votes: counter(),
    likes: counter({ growOnly: true }),
    tags: set(string()),
    body: text(),
    meta: map(),
  },
};

async function open(): Promise<Database> {
  return openDatabase(seededOptions(createMemoryStore(), 1));
}

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
