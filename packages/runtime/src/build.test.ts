import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { buildApplication } from "./build.ts";
import { applicationIdOf, encodeBundle } from "./bundle.ts";
import { answer, bundleOf, engineOf, NOTES_PATH, run } from "./testing/fixtures.ts";
import { TestState } from "./testing/test-state.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));

const SDK = 'import { app, counter } from "@dunlin/sdk";';

describe("building", () => {
  it.each([
    ["a syntax error", "const fine = 1;\nconst broken = = 2;", "Unexpected", 2],
    ["an import of Node's", 'import { x } from "node:fs";\nexport default x;', "node:fs", 1],
    ["no default export", "export const a = 1;", "No matching export", undefined],
    [
      "a top level that throws",
      'const f = () => {\n  throw new Error("at the top");\n};\nexport default f();',
      "at the top",
      2,
    ],
    ["a top level that spins", "for (;;);\nexport default {};", "than it may", undefined],
    ["state at the top level", `${SDK}\ncounter().open(1).add(1);\nexport default {};`, "there is no state", 2],
    [
      "a method declared twice",
      `${SDK}\nconst a = () => 1;\nexport default app({ state: {}, queries: { a }, mutations: { a } });`,
      "twice",
      3,
    ],
    ["something else than an application", "export default { read: () => 1 };", "not an application", undefined],
    [
      "a foreign name",
      `${SDK}\nexport default app({ state: {}, queries: { "a b": () => 1 } });`,
      "letters, digits",
      undefined,
    ],
    [
      "a field of no kind",
      `${SDK}\nexport default app({ state: { a: { type: "marks", open() {} } } });`,
      "unknown kind",
      undefined,
    ],
  ])("fails on %s, and says where", async (_what, source, message, line) => {
    const folder = await mkdtemp(join(tmpdir(), "dunlin-build-"));
    try {
      await writeFile(join(folder, "app.ts"), source);
      const built = await buildApplication(join(folder, "app.ts"));
      expect(built).toMatchObject({ ok: false, error: { code: "APPLICATION_BUILD_FAILED" } });
      const error = built.ok ? undefined : built.error;
      expect(error?.message).toContain(message);
      if (line !== undefined) expect([error?.file, error?.line]).toEqual(["app.ts", line]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("fails on a file that is not there", async () => {
    const built = await buildApplication(join(FIXTURES, "not-there.ts"));
    expect(built).toMatchObject({ ok: false, error: { code: "APPLICATION_BUILD_FAILED" } });
  });

  it("gives the same bytes wherever the sources lie", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dunlin-build-"));
    try {
      const copy = join(folder, "deeper", "app.ts");
      await cp(NOTES_PATH, copy);
      const [here, there] = [encodeBundle(await bundleOf(NOTES_PATH)), encodeBundle(await bundleOf(copy))];
      expect(there).toEqual(here);
      expect(applicationIdOf(there)).toEqual(applicationIdOf(here));
      expect(new TextDecoder().decode(there)).not.toContain(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("takes name and version from the application, or the file", async () => {
    expect(await bundleOf(NOTES_PATH)).toMatchObject({ name: "notes", version: "1.0.0" });
    expect(await bundleOf(join(FIXTURES, "throws.ts"))).toMatchObject({ name: "throws", version: "0.0.0" });
  });
});

describe("an error", () => {
  it.each([
    ["direct", "TypeError: cannot read property 'name' of undefined", [["throws.ts", 9]]],
    ["plain", "plain", [["throws.ts", 13]]],
    [
      "helped",
      "RangeError: refused: helped",
      [
        ["throws-inner.ts", 3],
        ["throws.ts", 11],
      ],
    ],
  ])("names the author's file and line: %s", async (method, message, places) => {
    const engine = await engineOf(join(FIXTURES, "throws.ts"));
    const outcome = run(engine, method);
    expect(outcome.ok || outcome.error.message).toBe(message);
    const frames = outcome.ok ? [] : outcome.error.stack.map(({ file, line }) => [file, line]);
    expect(frames).toEqual(places);
  });

  it("keeps the code that the application gave it", async () => {
    const engine = await engineOf(join(FIXTURES, "throws.ts"));
    expect(run(engine, "coded")).toMatchObject({
      ok: false,
      error: { code: "APPLICATION_ERROR", message: "no such note", applicationCode: "NOTE_UNKNOWN" },
    });
  });
});

describe("the notes example", () => {
  it("edits, tallies, puts and tags, and says so", async () => {
    const engine = await engineOf(NOTES_PATH);
    const state = new TestState();
    const edits = [
      [0, 0, "hello"],
      [1, 2, "ipp"],
    ];
    const edited = run(engine, "edit", { document: "a", edits }, state);
    expect(edited).toEqual({
      ok: true,
      output: '{"length":6,"applied":true}',
      events: [{ kind: "Edited", data: '{"document":"a","edits":2,"length":6}' }],
      effects: { presence: undefined, crossCalls: [] },
      logs: [],
      fuel: expect.any(Number),
    });
    expect(answer(run(engine, "read", { document: "a" }, state))).toBe("hipplo");
    const stale = { document: "a", edits: [[0, 1, ""]], length: 5 };
    expect(run(engine, "edit", stale, state)).toMatchObject({ output: '{"length":6,"applied":false}', events: [] });
    expect(answer(run(engine, "read", { document: "a" }, state))).toBe("hipplo");
    expect(answer(run(engine, "edit", { ...stale, length: 6 }, state))).toEqual({ length: 5, applied: true });
    expect(answer(run(engine, "length", { document: "b" }, state))).toBe(0);
    run(engine, "tally", { name: "x", by: 2 }, state);
    expect(answer(run(engine, "tally", { name: "x", by: -3 }, state))).toEqual({ value: -1 });
    expect(answer(run(engine, "tallies", {}, state))).toEqual({ x: -1 });
    run(engine, "put", { key: "k", value: "v" }, state);
    expect(answer(run(engine, "get", { key: "k" }, state))).toBe("v");
    expect(answer(run(engine, "settings", {}, state))).toEqual({ k: "v" });
    run(engine, "tag", { tag: "t", present: true }, state);
    expect(answer(run(engine, "tags", {}, state))).toEqual(["t"]);
    const many = Array.from({ length: 101 }, () => [0, 0, "x"]);
    expect(run(engine, "edit", { document: "a", edits: many }, state)).toMatchObject({ ok: false });
  });
});
