import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  app,
  type Child,
  type ContainerList,
  type Counter,
  counter,
  firstWriter,
  frozenEntries,
  graph,
  input,
  type LogEntry,
  list,
  log,
  map,
  multiValue,
  payload,
  type ReadonlyText,
  type ReadonlyValueList,
  type Register,
  records,
  register,
  type Text,
  text,
  tree,
  userEntries,
  type ValueList,
  type ValueMap,
} from "./index.ts";

const task = z.object({ title: z.string(), size: z.bigint() });

describe("what TypeScript sees of the collections", () => {
  it("follows the declaration, through every nesting", () => {
    app({
      state: {
        steps: list(register<string>()),
        pages: list(text()),
        messages: log<{ text: string }>(),
        votes: userEntries<boolean>(),
        receipts: frozenEntries<Uint8Array>(),
        outline: tree(register<string>()),
        drafts: tree(text()),
        parts: graph(records({ name: register<string>() })),
        owner: firstWriter<string>(),
        title: multiValue<string>(),
        checked: register(task),
        tasks: records({ title: register<string>(), votes: counter(), body: text(), steps: map(list(register(task))) }),
      },
      events: { Moved: payload<{ from: number }>() },
      queries: {
        read(state) {
          expectTypeOf(state.steps).toEqualTypeOf<ReadonlyValueList<string>>();
          expectTypeOf(state.pages.get(0)).toEqualTypeOf<ReadonlyText | undefined>();
          expectTypeOf(state.messages.page()).toEqualTypeOf<LogEntry<{ text: string }>[]>();
          expectTypeOf(state.messages).not.toHaveProperty("append");
          expectTypeOf(state.votes.get("m")).toEqualTypeOf<boolean | undefined>();
          expectTypeOf(state.outline.contents.get("n")).toEqualTypeOf<string | undefined>();
          expectTypeOf(state.outline).not.toHaveProperty("move");
          expectTypeOf(state.tasks.get("t")?.title.get()).toEqualTypeOf<string | undefined>();
          expectTypeOf(state.tasks).not.toHaveProperty("insert");
          expectTypeOf(state.checked.get()).toEqualTypeOf<{ title: string; size: bigint } | undefined>();
        },
      },
      mutations: {
        write(state, _args: object, ctx) {
          expectTypeOf(state.steps).toEqualTypeOf<ValueList<string>>();
          expectTypeOf(state.pages).toEqualTypeOf<ContainerList<ReadonlyText, Text>>();
          expectTypeOf(state.owner.set("a")).toEqualTypeOf<boolean>();
          expectTypeOf(state.title.values()).toEqualTypeOf<string[]>();
          expectTypeOf(state.receipts.put(new Uint8Array(1))).toEqualTypeOf<string>();
          expectTypeOf(state.outline.contents).toEqualTypeOf<ValueMap<string>>();
          expectTypeOf(state.drafts.contents.ensure("n")).toEqualTypeOf<Text>();
          expectTypeOf(state.parts.contents.ensure("v").insert("x").name).toEqualTypeOf<Register<string>>();
          const made = state.tasks.insert("t", { title: "a" });
          expectTypeOf(made.votes).toEqualTypeOf<Counter>();
          expectTypeOf(made.body).toEqualTypeOf<Child<ReadonlyText, Text>>();
          expectTypeOf(made.steps.ensure().ensure("k").get(0)).toEqualTypeOf<
            { title: string; size: bigint } | undefined
          >();
          expectTypeOf(ctx.role).toEqualTypeOf<"none" | "reader" | "writer" | "admin">();
          // @ts-expect-error: the title is text
          state.tasks.insert("t", { title: 1 });
          // @ts-expect-error: a counter is added to, not set
          state.tasks.insert("t", { votes: 1 });
          // @ts-expect-error: the schema wants a bigint
          state.checked.set({ title: "a", size: 1 });
        },
        add: input(task, (state, args, ctx) => {
          expectTypeOf(args).toEqualTypeOf<{ title: string; size: bigint }>();
          state.checked.set(args);
          ctx.emit("Moved", { from: 1 });
        }),
      },
    });
  });

  it("refuses a record with a field of the name that is the document's own", () => {
    expect(() => records({ id: register<string>() })).toThrow(/its own/);
  });
});
