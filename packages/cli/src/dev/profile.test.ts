import { expect, it } from "vitest";
import type { DevEvent, Happening } from "./dev-nodes.ts";
import { Profiler, profileLines } from "./profile.ts";

const event = (happening: Happening): DevEvent => ({ ...happening, node: "a", atMs: 0 });
const call = (method: string, ms: number): DevEvent =>
  event({
    kind: "call",
    request: { contextId: "", method, args: {} },
    result: { ok: true, value: { output: 1, deltaId: null } },
    ms,
  });
const ran = (method: string, ms: number, operations: object): DevEvent =>
  event({ kind: "log", level: "debug", event: "application.profile", fields: { method, ms, operations } });

it("sums calls, runs and operations by method, most of the time first, and begins anew", () => {
  const profiler = new Profiler();
  for (const ms of [1, 2, 30]) profiler.take(call("put", ms));
  profiler.take(ran("put", 0.5, { mapSet: [2, 0.1], mapGet: [1, 0.2] }));
  profiler.take(ran("put", 0.25, { mapSet: [1, 0.3] }));
  profiler.take(call("slow", 100));
  profiler.take(ran("onPut", 7, {}));
  profiler.take(event({ kind: "log", level: "info", event: "application.log", fields: { method: "put", line: "x" } }));
  const [slow, put, handler] = profiler.drain();
  expect([slow?.method, slow?.calls, slow?.runs]).toEqual(["slow", 1, 0]);
  expect(put).toMatchObject({ method: "put", calls: 3, total: 33, runs: 2, sandbox: 0.75 });
  expect(put?.p99).toBeCloseTo(30, 0);
  expect(put?.operations.map(({ name, count }) => [name, count])).toEqual([
    ["mapSet", 3],
    ["mapGet", 1],
  ]);
  expect(handler).toMatchObject({ method: "onPut", calls: 0, runs: 1, sandbox: 7 });
  expect(profiler.drain()).toEqual([]);
});

it("is a table with a row for each method and each of its operations", () => {
  const operations = [{ name: "mapSet", count: 3, ms: 0.4 }];
  const row = { method: "put", calls: 3, p50: 2, p99: 30, total: 33, runs: 3, sandbox: 0.75, operations };
  const lines = profileLines([row, { ...row, method: "onPut", calls: 0, operations: [] }]);
  expect(lines.slice(1)).toEqual([
    "method    calls    p50   p99  total  sandbox",
    "put           3  2.000  30.0   33.0    0.750",
    "  mapSet      3                        0.400",
    "onPut         0                        0.750",
  ]);
  expect(profileLines([])).toEqual(["no calls to profile"]);
});
