import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { type CallRequest, MIGRATION } from "./call.ts";
import type { Engine } from "./engine.ts";
import { answer, engineOf, failureOf, NOTES_PATH, request, run } from "./testing/fixtures.ts";
import { TestState } from "./testing/test-state.ts";

const PATH = fileURLToPath(new URL("../fixtures/migrating.ts", import.meta.url));
const asked = (more: Partial<CallRequest> = {}) => request(MIGRATION, { version: "1.0.0" }, more);

describe("a migration", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await engineOf(PATH);
  });

  it("writes and emits as a mutation does, and knows what ran before", () => {
    const state = new TestState();
    run(engine, "write", { title: "a", text: "one\ntwo" }, state);
    const migrated = state.call(engine, asked({ kind: "migration" }));
    expect(migrated).toMatchObject({ ok: true, events: [{ kind: "Migrated", data: '{"pages":1}' }] });
    expect(answer(run(engine, "lines", { title: "a" }, state))).toEqual(["one", "two"]);
  });

  it("runs when its host asks for it, and for nobody else", () => {
    for (const kind of [undefined, "mutation", "query"] as const) {
      const outcome = new TestState().call(engine, asked(kind ? { kind } : {}));
      expect(failureOf(outcome)).toBe("METHOD_NOT_FOUND");
    }
    expect(run(engine, "abuse")).toMatchObject({ ok: false, error: { code: "APPLICATION_ERROR" } });
  });

  it("is told of in the description, and not there where none is declared", async () => {
    expect(engine.description).toMatchObject({ migrates: true, mutations: ["write", "abuse"] });
    const notes = await engineOf(NOTES_PATH);
    expect(notes.description.migrates).toBe(false);
    expect(failureOf(new TestState().call(notes, asked({ kind: "migration" })))).toBe("METHOD_NOT_FOUND");
  });
});
