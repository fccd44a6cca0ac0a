import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import { answer, engineOf, HOSTILE_PATH, request, run } from "./testing/fixtures.ts";
import { TestState } from "./testing/test-state.ts";

/** Every global of the guest. A name that appears here is judged: pure language, or driven by the call. */
const GLOBALS = `
  Object Function Error EvalError RangeError ReferenceError SyntaxError TypeError URIError InternalError
  AggregateError SuppressedError Iterator Array parseInt parseFloat isNaN isFinite queueMicrotask decodeURI
  decodeURIComponent encodeURI encodeURIComponent escape unescape Infinity NaN undefined eval Number Boolean String
  Math Reflect Symbol DisposableStack globalThis BigInt Date RegExp JSON Proxy Map Set WeakMap WeakSet ArrayBuffer
  Uint8ClampedArray Int8Array Uint8Array Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array
  Float16Array Float32Array Float64Array DataView Promise AsyncDisposableStack DOMException btoa atob __dunlin
`;
const REMOVED = ["performance", "WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics", "Intl"];
const NEVER = [
  "process",
  "require",
  "fetch",
  "setTimeout",
  "console",
  "WebAssembly",
  "navigator",
  "crypto",
  "std",
  "os",
];

let engine: Engine;
beforeAll(async () => {
  engine = await engineOf(HOSTILE_PATH);
});

interface Ambient {
  readonly now: number;
  readonly date: string;
  readonly zone: number;
  readonly random: readonly number[];
  readonly globals: readonly string[];
}

function ambient(nowMs: number, seed: number): Ambient {
  return answer(new TestState().call(engine, request("ambient", {}, { nowMs, seed }))) as Ambient;
}

describe("a guest's globals", () => {
  it("are those of the list, by name", () => {
    const { globals } = ambient(0, 0);
    expect([...globals].sort()).toEqual(GLOBALS.trim().split(/\s+/).sort());
    for (const name of [...REMOVED, ...NEVER]) expect(globals).not.toContain(name);
  });

  it("stay so for code that is made at run time, and no module can be loaded", () => {
    expect(answer(run(engine, "functionBody"))).toBe("undefined".repeat(4));
    expect(answer(run(engine, "importNode"))).toBe("asked");
    expect(answer(run(engine, "frozen"))).toBe(true);
  });

  it("show the time of the call, in UTC", () => {
    const shown = ambient(1_700_000_000_123, 0);
    expect(shown.now).toBe(1_700_000_000_123);
    expect(shown.date).toBe("2023-11-14T22:13:20.123Z");
    expect(shown.zone).toBe(0);
    expect(ambient(86_400_000, 0).date).toBe("1970-01-02T00:00:00.000Z");
  });

  it("draw their randomness from the seed of the call", () => {
    const [first, second] = ambient(0, 1).random;
    expect(first).not.toBe(second);
    for (const value of [first, second]) expect(value).toSatisfy((v: number) => v >= 0 && v < 1);
    expect(ambient(5, 1).random).toEqual([first, second]);
    expect(ambient(0, 2).random).not.toEqual([first, second]);
  });

  it("are told who calls, when, and the same randomness", () => {
    const [now, caller, one, two] = answer(run(engine, "ambientContext")) as unknown[];
    expect([now, caller]).toEqual([1_700_000_000_123, "alice"]);
    expect(one).not.toBe(two);
  });
});
