import { idToText } from "@dunlin/core/base";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import { OPERATIONS } from "./operations/index.ts";
import { answer, EVERYTHING_PATH, engineOf, failureOf, request, run } from "./testing/fixtures.ts";
import { TEST_MEMBER, TestState } from "./testing/test-state.ts";

const ME = idToText(TEST_MEMBER);

let engine: Engine;
beforeAll(async () => {
  engine = await engineOf(EVERYTHING_PATH);
});

const answers = (method: string, args: unknown = {}): unknown =>
  answer(new TestState().call(engine, request(method, args, { caller: ME })));

describe("the collections, through the engine over a real document", () => {
  it("registers and counters", () => {
    expect(answers("registers")).toEqual([null, [true, false, "a"], ["y"], "y", 2]);
    expect(answers("sets")).toEqual([true, false, true, true, ["a"]]);
    expect(run(engine, "shrink")).toMatchObject({ ok: false, error: { applicationCode: "COUNTER_ONLY_GROWS" } });
  });

  it("lists", () => {
    expect(answers("lists")).toEqual([[{ $bigint: "5" }, "y", "c", "a"], 3, 1, ["y", "c"]]);
  });

  it("texts with marks and anchors", () => {
    const [spans, marks, at] = answers("texts") as [{ text: string; marks: object }[], unknown[], number];
    expect(spans.map(({ text, marks: held }) => [text, held])).toEqual([
      [">> he", {}],
      ["llo", { bold: true }],
      [" ", {}],
      ["world", { link: { to: "x" } }],
    ]);
    expect(marks).toEqual([
      { from: 5, to: 8, name: "bold", value: true },
      { from: 9, to: 14, name: "link", value: { to: "x" } },
    ]);
    expect(at).toBe(9);
  });

  it("entries of members, frozen entries and logs", () => {
    expect(answers("entries")).toEqual([
      { by: ME },
      1,
      true,
      { a: 1 },
      true,
      [
        [true, "one"],
        [true, { n: { $bigint: "2" } }],
      ],
      [],
      2,
    ]);
  });

  it("trees", () => {
    const walked = [
      ["c", 1],
      ["b", 2],
      ["a", 1],
    ];
    expect(answers("trees")).toEqual([walked, ["c"], "c", true, true, 2]);
  });

  it("graphs", () => {
    expect(answers("graphs")).toEqual([
      [
        { source: "a", target: "b", label: "needs" },
        { source: "b", target: "c", label: "" },
      ],
      { kind: "sorted", order: ["a", "b", "c"] },
      true,
      ["a", "b", "c"],
      [
        { id: "a", depth: 0 },
        { id: "b", depth: 1 },
        { id: "c", depth: 2 },
      ],
      [["a"], ["c"], [["a", "b", "c"]]],
      "text",
    ]);
  });

  it("records with fields of every kind", () => {
    expect(answers("documents")).toEqual([
      ["write", false, "me", ["l"], 3],
      [1, [true, false, true, true], [], true],
      ["body", ["one", "two"]],
      ["t0", "t1"],
      [
        ["t0", null],
        ["t1", "write"],
      ],
      [null, true, false],
    ]);
  });

  it("containers within containers", () => {
    expect(answers("nest")).toEqual(["first", "second"]);
  });
});

describe("who calls", () => {
  const members = () => [{ publicKey: ME, role: "reader" }];
  const as = (method: string, args: unknown, more: object) =>
    new TestState().call(engine, request(method, args, { caller: ME, ...more }));

  it("is told with its role, and may be turned away", () => {
    expect(answer(as("role", {}, { members }))).toEqual(["reader", members()]);
    expect(answer(as("role", {}, { members: () => [] }))).toEqual(["none", []]);
    expect(as("rule", {}, { members })).toMatchObject({ ok: false, error: { applicationCode: "ROLE_REQUIRED" } });
    expect(failureOf(as("rule", {}, { members: () => [{ publicKey: ME, role: "admin" }] }))).toBe("answered null");
  });
});

describe("schemas", () => {
  it("check arguments and what is written, and may change them", () => {
    const state = new TestState();
    const refused = run(engine, "speak", { words: "no text" }, state);
    expect(refused).toMatchObject({
      ok: false,
      error: { applicationCode: "ARGS_REFUSED", message: "words: say something" },
    });
    const empty = run(engine, "speakUnchecked", { value: " " }, state);
    expect(empty).toMatchObject({ ok: false, error: { applicationCode: "VALUE_REFUSED" } });
    expect(failureOf(run(engine, "speakUnchecked", { value: " hm " }, state))).toBe("answered null");
  });
});

describe("fuel of the host's work", () => {
  const spent = (method: string, args: unknown, state: TestState): number => {
    const outcome = run(engine, method, args, state);
    if (!outcome.ok) throw new Error(outcome.error.message);
    return outcome.fuel;
  };
  const operation = (name: string, ...args: unknown[]) => ({ name, args });
  const LIST = 10;

  it("is charged by what an operation walks, and ends a call that has too little", () => {
    const small = new TestState();
    const large = new TestState();
    for (const [state, count] of [
      [small, 10],
      [large, 5000],
    ] as const) {
      spent("mutate", operation("listInsert", LIST, 0, JSON.stringify(new Array(count).fill(0))), state);
    }
    const slice = operation("listSlice", LIST, 0, 5000);
    const [few, many] = [spent("query", slice, small), spent("query", slice, large)];
    expect(many - few).toBeGreaterThan(4990 * 10);
    expect(spent("query", slice, large)).toBe(many);
    const starved = large.call(engine, request("query", slice, { fuel: few }));
    expect(failureOf(starved)).toBe("FUEL_LIMIT");
  });

  it("ends a query over a graph that is too large for it", () => {
    const state = new TestState();
    for (let i = 0; i < 200; i++) spent("mutate", operation("graphAddVertex", 15, `v${i}`), state);
    const components = operation("graphComponents", 15);
    const cost = spent("query", components, state);
    expect(cost).toBeGreaterThan(200 * 10);
    expect(failureOf(state.call(engine, request("query", components, { fuel: cost - 1 })))).toBe("FUEL_LIMIT");
  });
});

it("no operation has the name of another", () => {
  expect(new Set(OPERATIONS.map(({ name }) => name)).size).toBe(OPERATIONS.length);
});
