import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Database } from "../../database/index.ts";
import { openDatabase } from "../../database/open-database.ts";
import { refusal, seededOptions } from "../../database/testing.ts";
import { bytes, type Checker, integer, nullable, number, register, set, string } from "../index.ts";

async function open(seed = 1): Promise<Database> {
  return openDatabase(seededOptions(createMemoryStore(), seed));
}

describe("schemas of others", () => {
  it("are taken by the standard: zod's values, messages and paths", async () => {
    const db = await open();
    const people = db.collection("people", {
      fields: {
        name: register(z.string().trim().min(2)),
        address: register(z.object({ city: z.string(), zip: z.array(z.number()) })).optional(),
        tags: set(z.enum(["a", "b"])),
      },
    });
    const id = await people.insert({ name: "  ann ", address: { city: "x", zip: [1] }, tags: ["a"] });
    expect(await people.get(id)).toEqual({ id, name: "ann", address: { city: "x", zip: [1] }, tags: ["a"] });
    const error = await refusal(() => people.insert({ name: "bob", address: { city: "x", zip: ["1" as never] } }));
    expect([error.code, error.place.field]).toEqual(["DOCUMENT_INVALID", "address.zip[0]"]);
    expect(error.message).toContain("expected number");
    expect((await refusal(() => people.insert({ name: "b" }))).place.field).toBe("name");
    await db.close();
  });

  it("that answer with a promise are refused", async () => {
    const db = await open();
    const slow: Checker<string> = {
      "~standard": { version: 1, vendor: "test", validate: () => Promise.reject(new Error("late")) },
    };
    const a = db.collection("a", { fields: { name: register(slow) } });
    const error = await refusal(() => a.insert({ name: "x" }));
    expect([error.code, error.place.field]).toEqual(["SCHEMA_ASYNC", "name"]);
    const b = db.collection("b", { fields: { name: register(z.string().refine(async () => true)) } });
    expect((await refusal(() => b.insert({ name: "x" })).catch((thrown) => thrown)) instanceof Error).toBe(true);
    await db.close();
  });

  it("of this library say what they want", async () => {
    const db = await open();
    const all = db.collection("all", {
      fields: {
        n: register(number({ min: 0, max: 5 })).optional(),
        i: register(integer()).optional(),
        b: register(bytes()).optional(),
        z: register(nullable(string())).optional(),
        s: register(string({ minLength: 2 })).optional(),
      },
    });
    const message = async (input: object) => (await refusal(() => all.insert(input))).message;
    expect(await message({ n: 6 })).toContain("at most 5");
    expect(await message({ n: -1 })).toContain("at least 0");
    expect(await message({ n: "1" })).toContain("a number");
    expect(await message({ i: 0.5 })).toContain("an integer");
    expect(await message({ b: [1] })).toContain("bytes");
    expect(await message({ z: 1 })).toContain("text");
    expect(await message({ s: "x" })).toContain("at least 2");
    const id = await all.insert({ n: 0.5, i: -3, b: Uint8Array.of(1), z: null });
    expect(await all.get(id)).toEqual({ id, n: 0.5, i: -3, b: Uint8Array.of(1), z: null });
    await db.close();
  });
});
