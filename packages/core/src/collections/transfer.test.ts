import { createMemoryStore } from "@dunlin/store/memory";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Json, jsonToValue, type Value, valueToJson } from "../base/index.ts";
import { openDatabase } from "../database/open-database.ts";
import { seededOptions } from "../database/testing.ts";
import { CollectionError, counter, json, map, multiValue, register, set, string, text } from "./index.ts";
import { IMPORT_LINE_BYTES_MAX, IMPORT_PAGE_DOCUMENTS } from "./limits.ts";

const notes = {
  fields: {
    title: register(string()),
    data: register(json()).optional(),
    status: multiValue(string()),
    votes: counter(),
    tags: set(string()),
    body: text(),
    meta: map(),
  },
};

const open = async (seed: number) => {
  const db = await openDatabase(seededOptions(createMemoryStore(), seed));
  return { db, notes: db.collection("notes", notes) };
};

async function linesOf(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe("an export", () => {
  it("is a header and a line for each document, and an import gives the same documents", async () => {
    const a = await open(1);
    await a.notes.insertMany([
      { id: "a", title: "a", votes: 3, tags: ["y", "x"], body: "he\nllo", meta: { k: [1] }, status: "open" },
      { id: "b", title: "b", data: { big: 2n ** 70n, raw: Uint8Array.of(0, 255), $bigint: "no" } },
      { id: "c", title: "c", data: { $bytes: "zz" } },
    ]);
    const lines = await linesOf(a.notes.exportLines());
    expect(lines).toEqual([
      '{"dunlin":"collection","format":1,"name":"notes","version":1,"fields":{"title":"register","data":"register","status":"multiValue","votes":"counter","tags":"set","body":"text","meta":"map"}}',
      '{"id":"a","title":"a","status":["open"],"votes":3,"tags":["x","y"],"body":"he\\nllo","meta":{"k":[1]}}',
      '{"id":"b","title":"b","data":{"$bigint":"no","big":{"$bigint":"1180591620717411303424"},"raw":{"$bytes":"00ff"}},"status":[],"votes":0,"tags":[]}',
      '{"id":"c","title":"c","data":{"$object":{"$bytes":"zz"}},"status":[],"votes":0,"tags":[]}',
    ]);
    const b = await open(2);
    expect(await b.notes.importLines(lines)).toBe(3);
    expect(await b.notes.query().toArray()).toEqual(await a.notes.query().toArray());
    expect(await linesOf(b.notes.exportLines())).toEqual(lines);
    await expect(b.notes.importLines(lines)).rejects.toMatchObject({ code: "DOCUMENT_EXISTS", place: { index: 1 } });
    expect(await b.notes.importLines(lines, { mode: "upsert" })).toBe(3);
    expect((await b.notes.get("a"))?.votes).toBe(6);
    await a.db.close();
    await b.db.close();
  });

  it("of values loses nothing", () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(null, true, false),
        fc.integer(),
        fc.string(),
        fc.bigInt(),
        fc.uint8Array({ maxLength: 4 }),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.oneof(fc.constantFrom("$bigint", "$bytes", "$object", "a"), fc.string()), tie("value"), {
          maxKeys: 2,
        }),
      ),
    })).value as fc.Arbitrary<Value>;
    fc.assert(
      fc.property(value, (drawn) => {
        const json = JSON.parse(JSON.stringify(valueToJson(drawn))) as Json;
        expect(valueToJson(jsonToValue(json) as Value)).toEqual(valueToJson(drawn));
        expect(jsonToValue(json)).toStrictEqual(
          drawn instanceof Uint8Array ? new Uint8Array(drawn) : jsonToValue(valueToJson(drawn)),
        );
      }),
      { seed: 81, numRuns: 1_000 },
    );
  });
});

describe("an import", () => {
  const header = '{"dunlin":"collection","format":1,"version":1}';

  it("refuses a bad line by its number, takes its page back, and keeps the pages before", async () => {
    const { db, notes: into } = await open(3);
    const codes: unknown[] = [];
    for (const lines of [
      ["{}"],
      ['{"dunlin":"collection","format":2,"version":1}'],
      ['{"dunlin":"collection","format":1,"version":9}'],
      [header, "{"],
      [header, "[]"],
      [header, '{"id":"a","title":"a"}', '{"id":"b","title":{"$bigint":"x"}}'],
      [header, '{"id":"b","title":5}'],
      [header, '{"id":"b","title":"b","__proto__":1}'],
      [header, " ".repeat(IMPORT_LINE_BYTES_MAX + 1)],
    ]) {
      const error = await into.importLines(lines).catch((thrown: unknown) => thrown);
      codes.push(error instanceof CollectionError ? `${error.code} ${error.place.index ?? 0}` : error);
    }
    expect(codes).toEqual([
      "IMPORT_MALFORMED 0",
      "IMPORT_MALFORMED 0",
      "IMPORT_MALFORMED 0",
      "IMPORT_MALFORMED 1",
      "IMPORT_MALFORMED 1",
      "IMPORT_MALFORMED 2",
      "DOCUMENT_INVALID 1",
      "FIELD_UNKNOWN 1",
      "IMPORT_MALFORMED 1",
    ]);
    expect(await into.query().count()).toBe(0);
    const many = Array.from({ length: IMPORT_PAGE_DOCUMENTS + 5 }, (_, i) => `{"title":"t${i}"}`);
    const error = await into.importLines([header, ...many, "{"]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "IMPORT_MALFORMED", place: { index: many.length + 1 } });
    expect(await into.query().count()).toBe(IMPORT_PAGE_DOCUMENTS);
    await db.close();
  });
});
