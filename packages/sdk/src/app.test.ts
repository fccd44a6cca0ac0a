import { describe, expect, expectTypeOf, it } from "vitest";
import {
  app,
  type Counter,
  counter,
  local,
  map,
  type Presence,
  payload,
  presence,
  type ReadonlyCounter,
  type ReadonlyPresence,
  type ReadonlyText,
  register,
  set,
  type Text,
  text,
  type ValueMap,
} from "./index.ts";

describe("app", () => {
  it("gives queries handles that read and mutations handles that also write, in types", () => {
    app({
      state: {
        tallies: map(counter()),
        settings: map(register<string>()),
        body: text(),
        tags: set<number>(),
        drafts: local(map(text())),
        here: presence<{ typing: boolean }>(),
      },
      events: { Tallied: payload<{ by: number }>() },
      queries: {
        read(state) {
          expectTypeOf(state.tallies.get("a")).toEqualTypeOf<ReadonlyCounter | undefined>();
          expectTypeOf(state.settings).not.toHaveProperty("set");
          expectTypeOf(state.body).not.toHaveProperty("insert");
          expectTypeOf(state.tags.values()).toEqualTypeOf<number[]>();
          expectTypeOf(state.drafts.get("a")).toEqualTypeOf<ReadonlyText | undefined>();
          expectTypeOf(state.here).toEqualTypeOf<ReadonlyPresence<{ typing: boolean }>>();
        },
      },
      mutations: {
        write(state, _args: object, ctx) {
          expectTypeOf(state.tallies.ensure("a")).toEqualTypeOf<Counter>();
          expectTypeOf(state.settings).toEqualTypeOf<ValueMap<string>>();
          expectTypeOf(state.drafts.ensure("a")).toEqualTypeOf<Text>();
          expectTypeOf(state.here).toEqualTypeOf<Presence<{ typing: boolean }>>();
          const other = ctx.other<{ put(args: { key: string }): void; clear(args: object): void }>("id");
          expectTypeOf(other.call).toBeCallableWith("put", { key: "a" });
          expectTypeOf(other.call).toBeCallableWith("clear");
          // @ts-expect-error: it takes a key
          other.call("put", {});
          // @ts-expect-error: there is no such method
          other.call("get", {});
          // @ts-expect-error: what is local is not within what all have
          map(local(text()));
          // @ts-expect-error: the payload is another one
          ctx.emit("Tallied", { by: "text" });
          // @ts-expect-error: the event is not declared
          ctx.emit("Other", {});
        },
      },
    });
  });

  it("describes itself, fields in the order of their declaration", () => {
    const described = app({
      name: "a",
      state: {
        mine: local(set<string>()),
        zeta: register<string>(),
        here: presence<string>(),
        alpha: map(map(text())),
      },
      events: { Said: payload<string>() },
      queries: { read: () => 1 },
      mutations: { write: () => {} },
      exposes: ["write"],
      handlers: { write: "one" },
    }).describe();
    expect(JSON.parse(described)).toEqual({
      name: "a",
      version: null,
      state: [
        { name: "zeta", type: "register" },
        { name: "alpha", type: "map" },
      ],
      local: [{ name: "mine", type: "set" }],
      queries: ["read"],
      mutations: ["write"],
      events: ["Said"],
      presence: true,
      exposes: ["write"],
      handlers: [{ name: "write", policy: "one" }],
      migrates: false,
    });
  });

  it("refuses what is declared twice", () => {
    expect(() => app({ state: { a: presence(), b: presence() } })).toThrow(/presence once/);
    expect(() => app({ state: {}, queries: { a: () => 1 }, mutations: { a: () => 2 } })).toThrow(/declared twice/);
  });

  it("says, outside a node, that there is no state", () => {
    const visits = app({ state: { visits: counter() }, queries: { read: (state) => state.visits.value() } });
    expect(() => visits.invoke("read", "{}", "alice", 0)).toThrow(/counterValue.*only while a node runs/);
    expect(() => visits.invoke("other", "{}", "alice", 0)).toThrow(/no method other/);
  });
});
