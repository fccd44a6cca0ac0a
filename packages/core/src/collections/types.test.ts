import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import type { TextWriter } from "../crdt/index.ts";
import { openDatabase } from "../database/open-database.ts";
import {
  boolean,
  type CounterEditor,
  counter,
  type DocumentOf,
  type EditorOf,
  type ElementsEditor,
  each,
  firstWriter,
  type InputOf,
  multiValue,
  type PatchOf,
  register,
  set,
  string,
  text,
  words,
} from "./index.ts";

const fields = {
  title: register(string()),
  done: register(boolean()).default(false),
  note: register(string()).optional(),
  author: firstWriter(string()).optional(),
  size: register(z.coerce.number()),
  status: multiValue(string()),
  votes: counter(),
  tags: set(string()),
  body: text(),
};
type Fields = typeof fields;

describe("the types of a collection", () => {
  it("follow from its fields", () => {
    expectTypeOf<DocumentOf<Fields>>().toEqualTypeOf<{
      readonly id: string;
      readonly title: string;
      readonly done: boolean;
      readonly note?: string | undefined;
      readonly author?: string | undefined;
      readonly size: number;
      readonly status: readonly string[];
      readonly votes: number;
      readonly tags: readonly string[];
    }>();
    expectTypeOf<InputOf<Fields>>().toEqualTypeOf<{
      readonly id?: string;
      readonly title: string;
      readonly size: unknown;
      readonly done?: boolean;
      readonly note?: string | undefined;
      readonly author?: string | undefined;
      readonly status?: string;
      readonly votes?: number;
      readonly tags?: readonly string[];
      readonly body?: string;
    }>();
    expectTypeOf<keyof PatchOf<Fields>>().toEqualTypeOf<"title" | "done" | "note" | "author" | "size" | "status">();
    type Editor = EditorOf<Fields>;
    expectTypeOf<Editor["title"]>().toEqualTypeOf<string>();
    expectTypeOf<Editor["votes"]>().toEqualTypeOf<CounterEditor>();
    expectTypeOf<Editor["tags"]>().toEqualTypeOf<ElementsEditor<string>>();
    expectTypeOf<Editor["body"]>().toEqualTypeOf<TextWriter>();
  });

  it("reach indexes and queries", async () => {
    const db = await openDatabase({ store: createMemoryStore() });
    const todos = db.collection("todos", {
      fields,
      indexes: {
        done: (t) => t.done,
        shout: (t) => t.title.toUpperCase(),
        pair: ["done", "votes"],
        byTag: each((t: DocumentOf<Fields>) => t.tags),
        words: words("title"),
        inline: { key: (t) => t.tags, by: "each" },
      },
    });
    type Query = NonNullable<Parameters<typeof todos.query>[0]>;
    type Where = NonNullable<Query["where"]>;
    expectTypeOf<Where["done"]>().toEqualTypeOf<boolean | undefined>();
    expectTypeOf<Where["shout"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Where["votes"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<NonNullable<Query["contains"]>["byTag"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<NonNullable<Query["contains"]>["inline"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<NonNullable<Query["contains"]>["tags"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf(todos.insert).parameter(0).toEqualTypeOf<InputOf<Fields>>();
    expectTypeOf(todos.get).returns.resolves.toEqualTypeOf<DocumentOf<Fields> | undefined>();
    // @ts-expect-error: a name that is neither an index nor a field
    const unknownName = (): unknown => todos.query({ where: { nope: 1 } });
    // @ts-expect-error: a value of another type
    const wrongValue = (): unknown => todos.query({ where: { done: "yes" } });
    // @ts-expect-error: a text is read through a handle
    const noHandle = (): unknown => todos.read("a", "title", (view) => view);
    expectTypeOf([unknownName, wrongValue, noHandle]).toEqualTypeOf<(() => unknown)[]>();
    await db.close();
  });
});
