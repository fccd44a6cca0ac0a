import { fileURLToPath } from "node:url";
import { CONTEXT_LIMIT_RANGES, type ContextLimits } from "@dunlin/api";
import { type Log, must } from "@dunlin/core/base";
import { GUEST_LIMIT_BOUNDS, type GuestLimitChanges } from "@dunlin/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { installApplication } from "../install.ts";
import { openTestShard, type TestShard } from "../testing/open-test-shard.ts";
import { decodeLimits, encodeLimits, guestChanges } from "./limit-book.ts";

const HOSTILE = fileURLToPath(new URL("../../../runtime/fixtures/hostile.ts", import.meta.url));
const NOTES = fileURLToPath(new URL("../../../../examples/notes/app.ts", import.meta.url));

describe("the limits of contexts", () => {
  let shard: TestShard;
  let logged: [event: string, fields: unknown][];
  beforeEach(async () => {
    logged = [];
    const log: Log = { log: (_level, event, fields) => logged.push([event, fields]) };
    shard = await openTestShard({ limits: { logsMax: 7 }, log });
  });
  afterEach(() => shard[Symbol.asyncDispose]());

  const contextOf = async (path: string): Promise<string> => {
    const installed = await installApplication(shard.home, path);
    const { applicationId } = must(installed.ok ? installed.value : undefined, "it builds");
    return (await shard.get("createContext", { applicationId })).contextId;
  };
  const codeOf = async (contextId: string, method: string, args: unknown = {}): Promise<string> => {
    const done = await shard.ask("execute", { contextId, method, args });
    return done.ok ? "ok" : done.error.code;
  };

  it("are those of the configuration, and over them what was set, which a restart keeps", async () => {
    const [one, other] = [await contextOf(NOTES), await contextOf(NOTES)];
    const set = await shard.get("setContextLimits", { contextId: one, changes: { eventsMax: 2, logsMax: 1 } });
    expect(set).toEqual({
      contextId: one,
      limits: { callFuel: 300_000_000, logsMax: 1, eventsMax: 2 },
      own: { eventsMax: 2, logsMax: 1 },
      used: {},
    });
    await shard.restart();
    expect(await shard.get("contextLimits", { contextId: one })).toEqual(set);
    expect((await shard.get("contextLimits", { contextId: other })).limits).toEqual({
      callFuel: 300_000_000,
      logsMax: 7,
    });
    const reset = await shard.get("setContextLimits", { contextId: one, changes: { logsMax: null } });
    expect(reset.limits).toEqual({ callFuel: 300_000_000, logsMax: 7, eventsMax: 2 });
    const refused = await shard.ask("setContextLimits", { contextId: one, changes: { eventsMax: 1, logsMax: -1 } });
    expect([refused.ok || refused.error.code, (await shard.get("contextLimits", { contextId: one })).own]).toEqual([
      "PARAMS_INVALID",
      { eventsMax: 2 },
    ]);
  });

  it("bind the calls of that context alone, from the next one on", async () => {
    const [one, other] = [await contextOf(HOSTILE), await contextOf(HOSTILE)];
    const say = { times: 3, chars: 100 };
    expect(await codeOf(one, "say", say)).toBe("ok");
    for (const [changes, method, args, code] of [
      [{ eventsMax: 2 }, "say", say, "LIMIT_EXCEEDED"],
      [{ eventDataBytesMax: 50 }, "say", { times: 1, chars: 100 }, "APPLICATION_ERROR"],
      [{ logsMax: 2 }, "log", { lines: 3, chars: 1 }, "LIMIT_EXCEEDED"],
      [{ logBytesMax: 2 }, "log", { lines: 1, chars: 3 }, "APPLICATION_ERROR"],
      [{ returnBytesMax: 2 }, "remember", {}, "LIMIT_EXCEEDED"],
      [{ callFuel: 1_000_000 }, "spin", {}, "FUEL_LIMIT"],
    ] as const) {
      await shard.get("setContextLimits", { contextId: one, changes });
      expect(await codeOf(one, method, args), JSON.stringify(changes)).toBe(code);
      if (method !== "spin") expect(await codeOf(other, method, args), JSON.stringify(changes)).toBe("ok");
    }
    await shard.get("setContextLimits", { contextId: one, changes: { returnBytesMax: null } });
    expect(await codeOf(one, "ok")).toBe("ok");
  });

  it("that end a call are told of in the log, with application, method and reason", async () => {
    const contextId = await contextOf(HOSTILE);
    await codeOf(contextId, "recurse");
    const { applicationId } = await shard.get("context", { contextId });
    const told = { context: contextId, application: applicationId, method: "recurse", code: "STACK_LIMIT" };
    expect(logged.filter(([event]) => event === "application.call_failed")).toMatchObject([
      ["application.call_failed", told],
    ]);
  });

  it("refuse what a spent budget does not allow, with its code, in the status and in the metrics, and the state is untouched", async () => {
    const [contextId, other] = [await contextOf(HOSTILE), await contextOf(NOTES)];
    await shard.get("setContextLimits", { contextId, changes: { fuelPerMinute: 2_000_000 } });
    const before = await shard.get("context", { contextId });
    expect(await codeOf(contextId, "writeThenSpin")).toBe("BUDGET_FUEL");
    expect(await codeOf(contextId, "ok")).toBe("BUDGET_FUEL");
    expect(await shard.get("context", { contextId })).toEqual(before);
    expect(await codeOf(other, "put", { key: "a", value: "b" })).toBe("ok");
    const status = (await shard.get("status", null)).contexts.find((one) => one.contextId === contextId);
    expect(status).toMatchObject({ refusedCalls: 2, budgets: { fuelPerMinute: expect.any(Number) } });
    const metric = (await shard.get("metrics", null)).find(({ name }) => name === "node.budget_refusals");
    expect(metric?.series).toEqual([{ labels: { budget: "fuelPerMinute" }, value: 2 }]);
    await shard.get("setContextLimits", { contextId, changes: { fuelPerMinute: null } });
    expect(await codeOf(contextId, "ok")).toBe("ok");
  });

  it("keep writes out when the store holds too much of the context, and take them in again when that is raised", async () => {
    const contextId = await contextOf(NOTES);
    await shard.get("setContextLimits", { contextId, changes: { storageBytes: 1 } });
    const put = (key: string): Promise<string> => codeOf(contextId, "put", { key, value: key });
    // The first to ask has it measured.
    await put("a");
    while ((await put("b")) === "ok") await new Promise(setImmediate);
    expect([await put("c"), await codeOf(contextId, "settings")]).toEqual(["BUDGET_STORAGE", "ok"]);
    const { used } = await shard.get("contextLimits", { contextId });
    await shard.get("setContextLimits", { contextId, changes: { storageBytes: (used.storageBytes ?? 0) + 100_000 } });
    expect(await put("d")).toBe("ok");
  });

  it("bound the blobs of a context", async () => {
    const contextId = await contextOf(NOTES);
    await shard.get("setContextLimits", { contextId, changes: { blobBytes: 100 } });
    const upload = async (length: number, fill: number): Promise<string> => {
      const { upload: id } = await shard.get("beginBlob", null);
      await shard.get("writeBlob", { upload: id, bytes: new Uint8Array(length).fill(fill) });
      const done = await shard.ask("finishBlob", { upload: id, size: undefined, hash: undefined, contextId });
      return done.ok ? "ok" : done.error.code;
    };
    expect([await upload(60, 1), await upload(60, 2), await upload(60, 1), await upload(40, 3)]).toEqual([
      "ok",
      "BUDGET_BLOBS",
      "ok",
      "ok",
    ]);
    expect((await shard.get("blobs", null)).map(({ size }) => size).sort()).toEqual([40, 60]);
  });
});

describe("the bounds of limits", () => {
  it("are for guests what a record of a call may say", () => {
    for (const [name, bounds] of Object.entries(GUEST_LIMIT_BOUNDS)) {
      const range = CONTEXT_LIMIT_RANGES[name === "fuel" ? "guestFuel" : (name as keyof ContextLimits)];
      expect([name, range[1], range[0] >= bounds.min]).toEqual([name, bounds.max, true]);
    }
    const expected: GuestLimitChanges = { fuel: 5_000_000, logsMax: 3 };
    expect(guestChanges({ guestFuel: 5_000_000, logsMax: 3, callFuel: 1_000_000, deltasPerSecond: 1 })).toEqual(
      expected,
    );
  });

  it("are looked for in every row that is read", () => {
    fuzzDecoder({
      name: "limits row",
      seed: 3,
      corpus: [encodeLimits({}), encodeLimits({ logsMax: 1, blobBytes: 5, fuelPerSecond: 10_000 })],
      decode: decodeLimits,
      encode: encodeLimits,
      inputs: 20_000,
    });
  });
});
