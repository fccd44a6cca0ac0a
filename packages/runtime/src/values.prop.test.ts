import { type Json, jsonToValue, type Value, valueToJson } from "@dunlin/core/base";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import { OPERATIONS } from "./operations/index.ts";
import { answer, EVERYTHING_PATH, engineOf, failureOf, request, run } from "./testing/fixtures.ts";
import { TestState } from "./testing/test-state.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await engineOf(EVERYTHING_PATH);
});

const key = fc.oneof(
  fc.constantFrom("$bigint", "$bytes", "$object", "$", "$other"),
  fc.string({ unit: "grapheme", maxLength: 4 }),
);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1.5, 2 ** 53, "", "$"),
    fc.string({ unit: "grapheme" }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n }),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Uint8Array.from(bytes)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true })
      .filter((object) => !["__proto__", "constructor", "prototype"].some((name) => Object.hasOwn(object, name))),
  ),
}));

/** The same value, as text that is equal only for equal values. */
const seen = (of: Value): string =>
  JSON.stringify(valueToJson(of), (_key, member) => (Object.is(member, -0) ? 0 : member));

describe("values that cross", () => {
  it("are the same as arguments, as answers, in state, out of it and in events", () => {
    fc.assert(
      fc.property(value, (drawn) => {
        const state = new TestState();
        const outcome = run(engine, "store", { value: valueToJson(drawn) }, state);
        const back = jsonToValue(answer(outcome) as Json) as readonly Value[];
        // An object's keys come back sorted from the state.
        expect(back.map(sorted).map(seen)).toEqual(
          [drawn, [["a", drawn]], [drawn, [drawn]]].map((one) => seen(sorted(one as Value))),
        );
        expect(sorted(state.document.field("register", "register").get() as Value)).toStrictEqual(sorted(drawn));
        const [event] = outcome.ok ? outcome.events : [];
        expect(seen(sorted(jsonToValue(JSON.parse(event?.data ?? "") as Json) as Value))).toBe(seen(sorted(drawn)));
        expect(answer(run(engine, "echo", { value: valueToJson(drawn) }))).toEqual(valueToJson(drawn));
      }),
      { seed: 20_261_130, numRuns: 300 },
    );
  });

  it("are real bigints and bytes inside", () => {
    const nested = { a: [1n, { b: Uint8Array.of(0, 255) }], $bigint: 3n, c: { $bytes: "text" } };
    expect(answer(run(engine, "kinds", { value: valueToJson(nested) }))).toEqual({
      a: ["bigint 1", { b: ["bytes", 0, 255] }],
      $bigint: "bigint 3",
      c: { $object: { $bytes: "string text" } },
    });
  });

  it("leave out of an answer what JSON leaves out, with and without tags", () => {
    expect(answer(run(engine, "loose"))).toEqual({
      $a: { $bigint: "1" },
      at: "1970-01-01T00:00:00.000Z",
      nan: null,
      only: {},
    });
  });

  it("are refused as arguments when a tag says what it cannot, and never break the call", () => {
    const tag = fc.record({ value: fc.dictionary(key, fc.jsonValue(), { minKeys: 1, maxKeys: 1 }) });
    fc.assert(
      fc.property(tag, (args) => {
        const isValid = jsonToValue(args as Json) !== undefined;
        const code = failureOf(run(engine, "echo", args));
        expect(code === "ARGS_INVALID").toBe(!isValid);
      }),
      { seed: 20_261_130, numRuns: 300 },
    );
    const deep = `{"value":${'{"$object":'.repeat(20_000)}1${"}".repeat(20_000)}}`;
    expect(failureOf(new TestState().call(engine, request("echo", {}, { args: deep })))).toBe("ARGS_INVALID");
  });
});

describe("every operation of the host", () => {
  /** The fields of the application by what the names of their operations begin with; others take a map. */
  const FIELDS: readonly (readonly [prefix: RegExp, fields: readonly number[]])[] = [
    [/^register/, [1, 19]],
    [/^counter/, [3, 8]],
    [/^set/, [4, 9]],
    [/^text/, [5]],
    [/^first/, [6]],
    [/^multi/, [7]],
    [/^list/, [10]],
    [/^log/, [11]],
    [/^user/, [12]],
    [/^frozen/, [13]],
    [/^tree/, [14]],
    [/^graph/, [15, 16]],
    [/^record/, [17]],
    [/^/, [2, 18]],
  ];
  const handleOf = (name: string) => {
    const [, fields = []] = FIELDS.find(([prefix]) => prefix.test(name)) ?? [];
    return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...fields) }, fc.integer({ min: 0, max: 25 }));
  };
  const argument = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0, 1, 2, 3, 16, -1, 2 ** 31, 2 ** 53 - 1) },
    { weight: 3, arbitrary: fc.constantFrom("", "a", "b", "before", "after", "none", "register", "set", "add-wins") },
    {
      weight: 2,
      arbitrary: fc.constantFrom("\ud800", "\0", "x".repeat(300), "x".repeat(1025), "__proto__", "[1,2]", "["),
    },
    { weight: 1, arbitrary: fc.oneof(fc.double(), fc.boolean(), fc.constant(null), fc.string(), fc.jsonValue()) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => valueToJson(Uint8Array.from(bytes))) },
  );
  const call = fc
    .constantFrom(...OPERATIONS.map(({ name }) => name).filter((name) => name !== "emit" && name !== "log"))
    .chain((name) =>
      fc.record({
        name: fc.constant(name),
        args: fc.tuple(handleOf(name), fc.array(argument, { maxLength: 7 })).map(([first, rest]) => [first, ...rest]),
      }),
    );

  it("answers or throws a code, whatever it is given, and the state can be committed", () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 30 }), (calls) => {
        const state = new TestState();
        for (const each of calls) {
          const outcome = run(engine, "mutate", each, state);
          if (!outcome.ok) expect(["TIME_LIMIT", "ARGS_INVALID"], JSON.stringify(each)).toContain(outcome.error.code);
          else if (outcome.output?.startsWith('{"thrown"'))
            expect(answer(outcome)).toEqual({ thrown: expect.stringMatching(/^[A-Z_]+$/) });
          run(engine, "query", each, state);
        }
      }),
      { seed: 20_261_130, numRuns: 400 },
    );
  });

  it("is refused to a query when it writes", () => {
    for (const { name, writes } of OPERATIONS) {
      const refused = failureOf(run(engine, "query", { name, args: [1, 1, 1, 1, 1, 1, 1] })) === "METHOD_KIND";
      expect([name, refused]).toEqual([name, writes]);
    }
  });
});

function sorted(of: Value): Value {
  if (typeof of !== "object" || of === null || of instanceof Uint8Array) return of;
  if (Array.isArray(of)) return of.map(sorted);
  const entries = Object.entries(of).map(([name, member]): [string, Value] => [name, sorted(member as Value)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
