import { readFile } from "node:fs/promises";
import { createPrng } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { NOTES_PATH } from "../testing/fixtures.ts";
import type { AbiType } from "./abi.ts";
import { readSourceTypes } from "./source-types.ts";

const STRING: AbiType = { kind: "string" };
const NUMBER: AbiType = { kind: "f64" };
const UNKNOWN: AbiType = { kind: "unknown" };

function argument(type: string, before = ""): unknown {
  const source = `${before} export default app({ state: {}, queries: { q(state, { a }: { a: ${type} }): void {} } });`;
  return readSourceTypes(source).methods.get("q")?.params[0];
}

describe("types read from the source", () => {
  it.each<[string, unknown]>([
    ["string", { name: "a", type: STRING }],
    ["bigint", { name: "a", type: { kind: "bigint" } }],
    ["Uint8Array[]", { name: "a", type: { kind: "list", items: { kind: "bytes" } } }],
    [
      "BlobRef",
      {
        name: "a",
        type: {
          kind: "record",
          fields: [
            { name: "blob", type: STRING },
            { name: "size", type: NUMBER },
          ],
        },
      },
    ],
    ["number | null", { name: "a", type: NUMBER, nullable: true }],
    ["'x' | \"y\"", { name: "a", type: STRING }],
    ["string | number", { name: "a", type: UNKNOWN }],
    ["readonly boolean[][]", { name: "a", type: { kind: "list", items: { kind: "list", items: { kind: "bool" } } } }],
    [
      "Array<{ b?: string }>",
      {
        name: "a",
        type: { kind: "list", items: { kind: "record", fields: [{ name: "b", type: STRING, nullable: true }] } },
      },
    ],
    ["Record<string, number>", { name: "a", type: { kind: "map", key: STRING, value: NUMBER } }],
    ["[x: number, y: number]", { name: "a", type: { kind: "list", items: NUMBER } }],
    ["[number, string]", { name: "a", type: { kind: "list", items: UNKNOWN } }],
    ["(string)[]", { name: "a", type: { kind: "list", items: STRING } }],
    ["(x: string) => void", { name: "a", type: UNKNOWN }],
    ["Map<string, { x: 1 }>", { name: "a", type: UNKNOWN }],
    ["Foreign.Name", { name: "a", type: UNKNOWN }],
    ["A & B", { name: "a", type: UNKNOWN }],
  ])("%s", (type, expected) => {
    expect(argument(type)).toEqual(expected);
  });

  it("say what presence is declared to show", () => {
    const of = (declared: string): AbiType | undefined =>
      readSourceTypes(`export default app({ state: { a: map(text()), here: ${declared} } });`).presence;
    expect(of("presence<{ typing: boolean }>()")).toEqual({
      kind: "record",
      fields: [{ name: "typing", type: { kind: "bool" } }],
    });
    expect([of("presence()"), of("register<string>()")]).toEqual([undefined, undefined]);
  });

  it("follow aliases and interfaces of the file, and end on recursive ones", () => {
    const source = `
      type Id = string; type T = { b: U | null; id: Id; ids: Ids }; type Ids = Id[]; type Loop = [Loop, Loop];
      interface U { readonly c: string; again: T[]; loop: Loop }
      export default app({ state: {}, queries: { q: (state, args: T): U => 1 } });`;
    const { methods, types } = readSourceTypes(source);
    expect(methods.get("q")).toEqual({
      params: [
        { name: "b", type: { $ref: "U" }, nullable: true },
        { name: "id", type: STRING },
        { name: "ids", type: { kind: "list", items: STRING } },
      ],
      returns: { $ref: "U" },
    });
    expect([...types.keys()].sort()).toEqual(["T", "U"]);
    expect(types.get("U")).toMatchObject({
      fields: [{ name: "c" }, { type: { items: { $ref: "T" } } }, { name: "loop" }],
    });
  });

  it("look behind the schema of a method that has one", () => {
    const { methods } = readSourceTypes(`export default app({ state: {}, mutations: {
      add: input(z.object({ a: z.string() }), (state, { a }: { a: string }, ctx): boolean => f(a, [1, 2])),
      next(state, { b }: { b: number }) { return { c: 1 }; } } });`);
    expect(methods.get("add")).toEqual({ params: [{ name: "a", type: STRING }], returns: { kind: "bool" } });
    expect(methods.get("next")).toEqual({ params: [{ name: "b", type: NUMBER }] });
  });

  it("know the methods and events of the notes", async () => {
    const { methods, events } = readSourceTypes(await readFile(NOTES_PATH, "utf8"));
    expect([...methods.keys()]).toEqual(
      "read length documents tallies get settings tags edit tally put tag".split(" "),
    );
    expect(methods.get("read")).toEqual({ params: [{ name: "document", type: STRING }], returns: STRING });
    expect(methods.get("get")).toMatchObject({ returns: STRING, returns_nullable: true });
    expect(methods.get("tallies")).toEqual({ params: [], returns: { kind: "map", key: STRING, value: NUMBER } });
    expect(methods.get("edit")?.params[1]).toEqual({
      name: "edits",
      type: { kind: "list", items: { kind: "list", items: UNKNOWN } },
    });
    expect(methods.get("put")).not.toHaveProperty("returns");
    expect(events.get("Tallied")).toEqual({
      kind: "record",
      fields: [
        { name: "name", type: STRING },
        { name: "by", type: NUMBER },
      ],
    });
  });

  it("come to an end on any source", async () => {
    const source = await readFile(NOTES_PATH, "utf8");
    const prng = createPrng(20_261_121);
    const marks = "{}()[]<>,;:=|&.\"'`/\\?".split("");
    for (let round = 0; round < 300; round++) {
      let text = source;
      for (let i = prng.below(4); i >= 0; i--) {
        const at = prng.below(text.length);
        text = text.slice(0, at) + prng.pick(marks) + text.slice(at + prng.below(30));
      }
      expect(readSourceTypes(text).methods).toBeInstanceOf(Map);
    }
  });
});
