import { Miss, StoreFailure } from "@dunlin/core/base";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import { ARGS_CHARS_MAX, EVENT_DATA_BYTES_MAX, EVENTS_MAX, HANDLES_MAX, LOG_BYTES_MAX, LOGS_MAX } from "./limits.ts";
import { answer, engineOf, failureOf, HOLE_PATH, HOSTILE_PATH, request, run } from "./testing/fixtures.ts";
import { TestState } from "./testing/test-state.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await engineOf(HOSTILE_PATH);
});

describe("a hostile method ends with its code, and the next call works", () => {
  it.each([
    ["spin", "TIME_LIMIT"],
    ["spinCaught", "TIME_LIMIT"],
    ["spinInGetter", "TIME_LIMIT"],
    ["spinRegExp", "TIME_LIMIT"],
    ["spinSort", "TIME_LIMIT"],
    ["writeThenSpin", "TIME_LIMIT"],
    ["recurse", "STACK_LIMIT"],
    ["recurseThroughMap", "STACK_LIMIT"],
    ["recurseJson", "STACK_LIMIT"],
    ["recurseProxy", "STACK_LIMIT"],
    ["bombArray", "MEMORY_LIMIT"],
    ["hugeAnswer", "LIMIT_EXCEEDED"],
    ["throwText", "APPLICATION_ERROR"],
    ["throwNothing", "APPLICATION_ERROR"],
    ["throwObject", "APPLICATION_ERROR"],
    ["throwLong", "APPLICATION_ERROR"],
    ["answerLater", "APPLICATION_ERROR"],
    ["emitFromQuery", "METHOD_KIND"],
    ["writeFromQuery", "METHOD_KIND"],
    ["sayUndeclared", "APPLICATION_ERROR"],
    ["nowhere", "METHOD_NOT_FOUND"],
    ["constructor", "METHOD_NOT_FOUND"],
  ])("%s: %s", (method, code) => {
    expect(failureOf(run(engine, method))).toBe(code);
    expect(answer(run(engine, "ok"))).toBe("ok");
  });

  it("survives what it may catch, and what is too large for a built-in", () => {
    expect(answer(run(engine, "bombCaught"))).toBe(true);
    for (const method of ["hugeBuffer", "hugeRepeat", "bombString"]) {
      expect(["MEMORY_LIMIT", "APPLICATION_ERROR"]).toContain(failureOf(run(engine, method)));
    }
    expect(answer(run(engine, "remember"))).toEqual([1, 1, 1]);
  });
});

describe("every call starts from the same memory", () => {
  it("forgets variables, globals, arrays of zeros and polluted prototypes", () => {
    for (let i = 0; i < 3; i++) {
      expect(answer(run(engine, "remember"))).toEqual([1, 1, 1]);
      expect(answer(run(engine, "pollute"))).toBe('"stolen"');
      expect(answer(run(engine, "inspect"))).toEqual(["undefined", false, [1, 2], null]);
    }
  });

  it("forgets also what lies above a hole in the heap", async () => {
    const hole = await engineOf(HOLE_PATH);
    for (let i = 0; i < 3; i++) expect(answer(run(hole, "remember"))).toBe(200);
  });

  it("gives the same answer and events for the same call, after whatever came between", () => {
    const once = () => run(engine, "random");
    const first = once();
    expect(first.ok && first.events).toHaveLength(1);
    for (const between of ["ok", "bombArray", "recurse", "spin", "remember"]) {
      run(engine, between);
      expect(once()).toEqual(first);
    }
    const other = new TestState().call(engine, request("random", {}, { seed: 8 }));
    expect(other).not.toEqual(first);
  });
});

describe("arguments", () => {
  it("must be a JSON object within the limit; none stands for an empty one", () => {
    const call = (args: string) => new TestState().call(engine, request("ok", {}, { args }));
    for (const args of ["[1]", "null", "{", "1", "undefined"]) expect(failureOf(call(args))).toBe("ARGS_INVALID");
    expect(failureOf(call(`{"a":"${"x".repeat(ARGS_CHARS_MAX)}"}`))).toBe("ARGS_INVALID");
    expect(answer(call(""))).toBe("ok");
  });

  it("name the kind of method that is wanted", () => {
    const call = (method: string, kind: "query" | "mutation") =>
      failureOf(new TestState().call(engine, request(method, { value: 1 }, { kind })));
    expect(call("ok", "mutation")).toBe("METHOD_KIND");
    expect(call("write", "query")).toBe("METHOD_KIND");
    expect(call("write", "mutation")).toBe("answered 1");
  });
});

describe("limits are reached exactly", () => {
  const code = (method: string, args: unknown) => failureOf(run(engine, method, args));

  it("of events, logs and containers", () => {
    expect(code("say", { times: EVENTS_MAX, chars: 1 })).toBe("answered null");
    expect(code("say", { times: EVENTS_MAX + 1, chars: 1 })).toBe("LIMIT_EXCEEDED");
    expect(code("say", { times: 1, chars: EVENT_DATA_BYTES_MAX - 2 })).toBe("answered null");
    expect(code("say", { times: 1, chars: EVENT_DATA_BYTES_MAX - 1 })).toBe("APPLICATION_ERROR");
    expect(code("log", { lines: LOGS_MAX, chars: 1 })).toBe("answered null");
    expect(code("log", { lines: LOGS_MAX + 1, chars: 1 })).toBe("LIMIT_EXCEEDED");
    expect(code("log", { lines: 1, chars: LOG_BYTES_MAX + 1 })).toBe("APPLICATION_ERROR");
    expect(code("openMany", { count: 5 })).toBe("answered null");
    const patient = request("openMany", { count: HANDLES_MAX }, { timeLimitMs: 1e9 });
    expect(failureOf(new TestState().call(engine, patient))).toBe("LIMIT_EXCEEDED");
  });
});

describe("events", () => {
  it("carry their data and a handler that is a mutation", () => {
    const said = run(engine, "sayTo", { handler: "write" });
    expect(said.ok && said.events).toEqual([{ kind: "Said", data: '{"a":1}', handler: "write" }]);
    const unknown = run(engine, "sayTo", { handler: "ok" });
    expect(unknown.ok || unknown.error.applicationCode).toBe("HANDLER_UNKNOWN");
  });
});

describe("values", () => {
  it.each([[null], [true], [-1.5], ["text"], [[1, ["a", null]]], [{ a: { b: [] } }]])(
    "cross both ways: %j",
    (value) => {
      expect(answer(run(engine, "write", { value }))).toEqual(value);
    },
  );

  it("cross as bigint and bytes", () => {
    const [same, bytes, kinds, has, size] = answer(run(engine, "writeForeign")) as unknown[];
    expect([same, bytes, kinds, has, size]).toEqual([true, [0, 255, 7], ["bigint", "bytes", "object"], true, 3]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])("are refused when state cannot hold them: %i", (which) => {
    expect(failureOf(run(engine, "writeInvalid", { which }))).toBe("APPLICATION_ERROR");
  });

  it("keep lone surrogates, zeros and all planes of Unicode in texts", () => {
    expect(answer(run(engine, "surrogates"))).toEqual([0xd83d, 0xd83d, 9, "\u{1f600}b\u00e9\u20ac\0", "\u20ac\0z"]);
  });

  it("show the guest only handles and arguments that fit", () => {
    const operate = (name: string, args: unknown[]) => answer(run(engine, "operation", { name, args }));
    expect(operate("textLength", [1])).toEqual({ thrown: "HANDLE_INVALID" });
    for (const handle of [0, -1, 99, 1e15]) expect(operate("mapKeys", [handle])).toEqual({ thrown: "HANDLE_INVALID" });
    for (const handle of [1.5, "1", null, {}]) {
      expect(operate("mapKeys", [handle])).toEqual({ thrown: "ARGUMENT_INVALID" });
    }
    expect(operate("mapGet", [2])).toEqual({ thrown: "ARGUMENT_INVALID" });
    expect(operate("mapGet", [2, 5])).toEqual({ thrown: "ARGUMENT_INVALID" });
    expect(operate("mapGet", [2, "k".repeat(2000)])).toEqual({ thrown: "LIMIT_EXCEEDED" });
    expect(operate("peek", [2, "k", 99])).toEqual({ thrown: "ARGUMENT_INVALID" });
    expect(operate("setHas", [5, 1, 7])).toEqual({ thrown: "ARGUMENT_INVALID" });
    expect(operate("setHas", [5, "{", 1])).toEqual({ thrown: "VALUE_INVALID" });
    expect(operate("setHas", [5, '{"$bigint":"1x"}', 1])).toEqual({ thrown: "VALUE_INVALID" });
    expect(operate("setHas", [5, '{"$bigint":"12"}', 1])).toEqual({ answer: false });
    expect(operate("setHas", [5, `${"[".repeat(10_000)}${"]".repeat(10_000)}`, 1])).toEqual({
      thrown: "VALUE_INVALID",
    });
    expect(operate("setHas", [5, {}, 0])).toEqual({ thrown: "VALUE_INVALID" });
  });
});

describe("what the host throws", () => {
  /** A state whose cells cannot be read. */
  const throwing = (thrown: unknown): TestState => {
    const fail = (): never => {
      throw thrown;
    };
    return new TestState({ get: fail, range: fail });
  };

  it("is rethrown when it is a miss, a store failure or a bug, though the application would catch it", () => {
    const miss = new Miss({ gte: new Uint8Array(1), lt: new Uint8Array(2) });
    for (const thrown of [miss, new StoreFailure("STORE_CLOSED", "closed"), new RangeError("a bug"), undefined]) {
      let seen: unknown = "nothing";
      try {
        run(engine, "catchMiss", {}, throwing(thrown));
      } catch (error) {
        seen = error;
      }
      expect(seen).toBe(thrown);
      expect(answer(run(engine, "remember"))).toEqual([1, 1, 1]);
    }
  });

  it("reaches the application when it has a code", () => {
    const coded = Object.assign(new Error("too much"), { code: "CONTAINER_LIMIT" });
    expect(answer(run(engine, "catchMiss", {}, throwing(coded)))).toBe("caught");
  });
});
