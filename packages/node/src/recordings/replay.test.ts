import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { must } from "@dunlin/core/base";
import { Metrics } from "@dunlin/core/metrics";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installApplication } from "../install.ts";
import { openTestShard, type TestShard } from "../testing/open-test-shard.ts";
import { CallRecorder, type CallToKeep } from "./recorder.ts";
import { recordedCalls, replayCall, verifyCalls } from "./replay.ts";
import { listSegments, readRecordings } from "./segments.ts";

const HOSTILE = fileURLToPath(new URL("../../../runtime/fixtures/hostile.ts", import.meta.url));

describe("calls of a node", () => {
  let shard: TestShard;
  let contextId: string;
  let applicationId: string;
  beforeEach(async () => {
    shard = await openTestShard({ more: { recordingBytesMax: 1_000_000 } });
    const installed = await installApplication(shard.home, HOSTILE);
    applicationId = must(installed.ok ? installed.value : undefined, "it builds").applicationId;
    contextId = (await shard.get("createContext", { applicationId })).contextId;
  });
  afterEach(() => shard[Symbol.asyncDispose]());

  const call = (method: string, args: unknown = {}): Promise<unknown> =>
    shard.ask("execute", { contextId, method, args });

  it("are kept as they were made, over a restart, and come to the same again", async () => {
    for (const method of ["random", "throwText", "openMany", "writeFromQuery"]) await call(method, { count: 3 });
    await shard.restart();
    await call("write", { value: "x" });
    await shard.restart();
    expect(recordedCalls(shard.home.path).map(({ call: number, method, code }) => [number, method, code])).toEqual([
      [1, "random", "ok"],
      [2, "throwText", "APPLICATION_ERROR"],
      [3, "openMany", "ok"],
      [4, "writeFromQuery", "METHOD_KIND"],
      [5, "write", "ok"],
    ]);
    expect(await verifyCalls(shard.home.path)).toEqual({ ok: true, value: { same: 5, passedOver: {} } });
    const other = await verifyCalls(shard.home.path, { application: contextId });
    expect(other).toEqual({ ok: true, value: { same: 0, passedOver: {} } });
    const stepped = await replayCall(shard.home.path, 3);
    expect(stepped.ok && stepped.value.steps.map(({ name }) => name)).toEqual(["child", "child", "child"]);
    expect(await replayCall(shard.home.path, 6)).toMatchObject({ ok: false, error: { code: "CALL_NOT_RECORDED" } });
  });

  it("that go another way are named with the host call, and what is no recording is passed over", async () => {
    await call("write", { value: "first" });
    await call("write", { value: "before" });
    await shard.restart();
    const [segment] = listSegments(shard.home.path);
    const { path } = must(segment, "a file");
    writeFileSync(path, readFileSync(path, "utf8").replaceAll("before", "after"));
    appendFileSync(path, '{"call":3,"cut');
    const lines = readFileSync(path, "utf8").split("\n");
    // The argument of the second call says one thing, and what it asked of the host another.
    writeFileSync(
      path,
      lines.map((line) => line.replace('{\\"value\\":\\"after\\"}', '{\\"value\\":\\"never\\"}')).join("\n"),
    );
    const verified = await verifyCalls(shard.home.path);
    expect(verified).toMatchObject({
      value: { same: 1, different: { call: 2, method: "write", difference: { step: 1 } } },
    });
    const difference = verified.ok ? verified.value.different?.difference : undefined;
    expect([difference?.expected, difference?.seen]).toEqual([
      expect.stringContaining('"after"'),
      expect.stringContaining('"never"'),
    ]);
  });

  it("are not kept of an application that is gone from the home without being told of", async () => {
    await call("ok");
    await shard.restart();
    const [segment] = listSegments(shard.home.path);
    const { path } = must(segment, "a file");
    writeFileSync(path, readFileSync(path, "utf8").replace(applicationId, contextId));
    expect(await verifyCalls(shard.home.path)).toEqual({
      ok: true,
      value: { same: 0, passedOver: { APPLICATION_NOT_FOUND: 1 } },
    });
  });
});

describe("the files of recorded calls", () => {
  it("hold the newest calls in no more bytes than they may, and number them on", async () => {
    const shard = await openTestShard();
    const home = shard.home.path;
    const one: CallToKeep = {
      contextId: "c",
      applicationId: "a",
      engine: "native",
      method: "m",
      inputs: { args: "x".repeat(1000) },
      sources: [],
      steps: [],
      outcome: { code: "ok" },
    };
    const open = (): CallRecorder =>
      new CallRecorder({ home, bytesMax: 50_000, nowMs: () => 1, metrics: new Metrics(performance) });
    const numbers = (): number[] => [...readRecordings(home)].map(({ call }) => call);
    let recorder = open();
    for (let i = 1; i <= 300; i++) {
      recorder.add(one);
      recorder.flush();
      if (i % 70 === 0) recorder = open();
      expect(listSegments(home).reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(50_000);
    }
    const kept = numbers();
    expect(kept.at(-1)).toBe(300);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 301 - kept.length + index));
    expect(kept.length).toBeGreaterThan(30);
    recorder.add({ ...one, inputs: { args: "x".repeat(9_000_000) } });
    recorder.add(one);
    recorder.flush();
    expect(numbers().at(-1)).toBe(301);
    await shard[Symbol.asyncDispose]();
  });
});
