import { readFileSync } from "node:fs";
import { must, utf8 } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { describe, expect, it } from "vitest";
import { createGuestEngine, type GuestEngine } from "../calimero/guest-engine.ts";
import { guestLimits } from "../calimero/limit-changes.ts";
import type { Engine } from "../engine.ts";
import { EVERYTHING_PATH, engineOf, HOSTILE_PATH, request } from "../testing/fixtures.ts";
import { guestHost, guestRequest, localWorld, MemoryStorage } from "../testing/guest-worlds.ts";
import { TestState } from "../testing/test-state.ts";
import { wat } from "../testing/wat.ts";
import { recordGuest } from "./guest-call.ts";
import { type Recorded, recordNative } from "./native-call.ts";
import { decodeRecording, encodeRecording, type HostStep, type Recording } from "./recording.ts";
import { type ReplayEngine, replay } from "./replay.ts";
import type { Difference } from "./tape.ts";

const [everything, hostile] = await Promise.all([engineOf(EVERYTHING_PATH), engineOf(HOSTILE_PATH)]);
const APPENDER = readFileSync(new URL("../../fixtures/appender.wat", import.meta.url), "utf8");

/** As it comes back from where it is kept. */
function kept(recorded: Recorded): Recording {
  const line = encodeRecording({ call: 1, atMs: 5, contextId: "c", applicationId: "a", ...recorded });
  return must(decodeRecording(must(line, "short enough")), "it was written by us");
}

function recordedOf(engine: Engine, method: string, args: unknown = {}, state?: TestState): Recording {
  const { outcome, recorded } = recordNative(request(method, args), (taped) =>
    (state ?? new TestState()).call(engine, taped),
  );
  // What a call comes to, its fuel too, is the same whether it is recorded or not.
  expect((state ?? new TestState()).call(engine, request(method, args))).toEqual(outcome);
  return kept(recorded);
}

function differenceOf(recording: Recording, engine: ReplayEngine): Difference | undefined {
  const done = replay(recording, engine);
  if (!done.ok) throw new Error(done.error.message);
  return done.value.difference;
}

const native = (engine: Engine): ReplayEngine => ({ kind: "native", engine });
const changed = (recording: Recording, at: number, by: Partial<HostStep>): Recording => ({
  ...recording,
  sources: recording.sources.map((step, index) => (index === at ? { ...step, ...by } : step)),
});

describe("a recorded call of a TypeScript application", () => {
  it.each([
    ["write", { value: [1, { a: "b" }] }],
    ["writeForeign", {}],
    ["writeInvalid", { which: 3 }],
    ["surrogates", {}],
    ["random", {}],
    ["say", { times: 3, chars: 5 }],
    ["log", { lines: 101, chars: 5 }],
    ["sayTo", { handler: "ok" }],
    ["sayUndeclared", {}],
    ["openMany", { count: 20 }],
    ["catchMiss", {}],
    ["emitFromQuery", {}],
    ["ambientContext", {}],
    ["bombArray", {}],
    ["recurse", {}],
    ["throwCoded", {}],
    ["operation", { name: "mapGet", args: [2, "k".repeat(2000)] }],
    ["nowhere", {}],
  ])("%s comes to the same again, twice, whatever ran between", (method, args) => {
    const recording = recordedOf(hostile, method, args);
    for (let i = 0; i < 2; i++) {
      expect(differenceOf(recording, native(hostile))).toBeUndefined();
      new TestState().call(hostile, request("write", { value: i }));
    }
  });

  it("ends at the same work as it did", () => {
    const base = request("writeThenSpin", {}, { fuel: 2_000_000, timeLimitMs: 1e9 });
    const { outcome, recorded } = recordNative(base, (taped) => new TestState().call(hostile, taped));
    expect([outcome.ok || outcome.error.code, differenceOf(kept(recorded), native(hostile))]).toEqual([
      "FUEL_LIMIT",
      undefined,
    ]);
  });

  it("needs nothing of the state any more, which may have gone on", () => {
    const state = new TestState();
    state.call(hostile, request("openMany", { count: 2 }));
    const recording = recordedOf(hostile, "operation", { name: "mapKeys", args: [3] }, state);
    expect(recording.sources).toMatchObject([{ name: "mapKeys", answer: { value: ["t0", "t1"] } }]);
    state.call(hostile, request("openMany", { count: 5 }));
    expect(differenceOf(recording, native(hostile))).toBeUndefined();
    const members = recordedOf(everything, "query", { name: "members", args: [] }, state);
    expect(members.sources).toMatchObject([{ name: "members", answer: { value: [["alice", "writer"]] } }]);
    expect(differenceOf(members, native(everything))).toBeUndefined();
  });

  it("is told from one that goes another way, at the first host call that differs", () => {
    const recording = recordedOf(hostile, "random");
    const names = recording.sources.map(({ name }) => name);
    expect(names).toEqual(["random", "counterAdd", "random", "emit", "random", "random", "counterValue"]);
    const seedless = { ...recording, inputs: { ...recording.inputs, seed: 8 } };
    expect(differenceOf(seedless, native(hostile))).toMatchObject({ step: 1, expected: expect.stringMatching(/^0\./) });
    const another = changed(recording, 1, { args: ["4", "100"] });
    expect(differenceOf(another, native(hostile))).toMatchObject({ step: 2, expected: "counterAdd(4, 100)" });
    const sooner = { ...recording, sources: recording.sources.slice(0, 2) };
    expect(differenceOf(sooner, native(hostile))).toEqual({
      step: 3,
      expected: "the end of the call",
      seen: "random()",
    });
    const later = { ...recording, sources: [...recording.sources, must(recording.sources[0], "a step")] };
    expect(differenceOf(later, native(hostile))).toMatchObject({ step: 8, seen: "the end of the call" });
    const answered = changed(recording, 6, { answer: { kind: "value", value: 1000 } });
    expect(differenceOf(answered, native(hostile))).toMatchObject({ step: 8, seen: expect.stringContaining("output") });
    const dearer = changed(recording, 6, { fuel: 7 });
    expect(differenceOf(dearer, native(hostile))?.seen).toMatch(/^fuel /);
    const later1 = { ...recording, inputs: { ...recording.inputs, nowMs: 5 } };
    expect(differenceOf(later1, native(hostile))?.seen).toContain("output");
  });

  it("cannot be run again when a clock ended it, nor by another kind of engine", () => {
    const recording = recordedOf(hostile, "spin");
    expect(replay(recording, native(hostile))).toMatchObject({ ok: false, error: { code: "CALL_NOT_REPEATABLE" } });
    const guest = { kind: "guest", engine: engineOfGuest() } as const;
    expect(replay(recordedOf(hostile, "ok"), guest)).toMatchObject({ error: { code: "CALL_NOT_REPEATABLE" } });
  });
});

function engineOfGuest(): GuestEngine {
  const made = createGuestEngine(wat(APPENDER), createCrypto());
  return must(made.ok ? made.value : undefined, "it is a guest");
}

describe("a recorded call of a WebAssembly application", () => {
  const engine = engineOfGuest();
  const guest = { kind: "guest", engine } as const;
  const storage = new MemoryStorage();

  function recordedGuest(method: string, input: string, changes = {}): Recording {
    const host = guestHost({ storage, local: localWorld() });
    const asked = guestRequest(method, { input: utf8(input) });
    const limits = guestLimits(changes);
    const { outcome, recorded } = recordGuest(engine, asked, host, { limits, changes });
    expect(engine.call(asked, guestHost({ storage, local: localWorld() }), limits)).toEqual(outcome);
    if (outcome.ok) storage.apply(outcome.writes);
    return kept(recorded);
  }

  it.each([
    ["append", {}],
    ["append_private", {}],
    ["append", { fuel: 1000 }],
    ["append_and_fail", {}],
    ["append", { registersMax: 1 }],
    ["text", {}],
    ["look", {}],
    ["nowhere", {}],
  ])("%s under %j comes to the same again, twice", (method, changes) => {
    const recording = recordedGuest(method, "ab", changes);
    for (let i = 0; i < 2; i++) expect(differenceOf(recording, guest)).toBeUndefined();
  });

  it("is told by its host functions, and by what it read of the state", () => {
    const recording = recordedGuest("append", "xy");
    expect(recording.steps.map(({ name }) => name)).toContain("storage_write");
    expect(recording.sources[0]).toMatchObject({ name: "state", args: ["0x74657874"] });
    const other = { ...recording, inputs: { ...recording.inputs, input: "7a" } };
    expect(differenceOf(other, guest)).toMatchObject({ step: 1, seen: 'input(1) = ["0x7a"]' });
    const state = changed(recording, 0, { answer: { kind: "value", value: { $bytes: "00" } } });
    expect(differenceOf(state, guest)?.seen).toMatch(/^storage_read/);
    const read = changed(recording, 0, { args: ["0x00"] });
    expect(differenceOf(read, guest)).toMatchObject({ expected: "state(0x00)", seen: "state(0x74657874)" });
    expect(differenceOf({ ...recording, outcome: { ...recording.outcome, fuel: "1" } }, guest)?.expected).toBe(
      "fuel 1",
    );
  });
});

describe("a recording that is read", () => {
  it("is none when it is anything else than what was written", () => {
    const line = must(encodeRecording(recordedOf(hostile, "random")), "short");
    for (const [from, to] of [
      ['"call":1', '"call":-1'],
      ['"engine":"native"', '"engine":"other"'],
      ['"kind":"value"', '"kind":"what"'],
      ['"name":"random"', '"name":5'],
      ['"fuel":0', '"fuel":"0"'],
      ['"sources":[', '"sources":[null,'],
      ['"outcome":{', '"outcome":{"x":1,'],
    ] as const) {
      expect(line, from).toContain(from);
      expect(decodeRecording(line.replace(from, to)), from).toBeUndefined();
    }
    for (const text of [line.slice(0, -1), "", "[]", "null", "5"]) expect(decodeRecording(text)).toBeUndefined();
  });
});
