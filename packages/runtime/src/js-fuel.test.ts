import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import { engineOf, failureOf, HOSTILE_PATH, NOTES_PATH, request } from "./testing/fixtures.ts";
import { TestState } from "./testing/test-state.ts";

const PATIENT = { timeLimitMs: 1e9 };

describe("fuel of a JavaScript application", () => {
  let engine: Engine;
  let hostile: Engine;
  beforeAll(async () => {
    [engine, hostile] = await Promise.all([engineOf(NOTES_PATH), engineOf(HOSTILE_PATH)]);
  });

  const spent = (target: Engine, method: string, args: unknown): number => {
    const outcome = new TestState().call(target, request(method, args, PATIENT));
    if (!outcome.ok) throw new Error(outcome.error.message);
    return outcome.fuel;
  };

  it("counts the same for the same call, whatever came between, and on an engine of its own", async () => {
    const args = { document: "d", edits: [[0, 0, "some words"]] };
    const first = spent(engine, "edit", args);
    expect(first).toBeGreaterThan(0);
    for (const method of ["spin", "recurse", "bombString"])
      new TestState().call(hostile, request(method, {}, { ...PATIENT, fuel: 1e6 }));
    spent(engine, "edit", { document: "other", edits: [[0, 0, "x".repeat(5000)]] });
    expect(spent(engine, "edit", args)).toBe(first);
    expect(spent(await engineOf(NOTES_PATH), "edit", args)).toBe(first);
  });

  it("ends loops, and built-in functions that never poll, at the same place each time", () => {
    for (const method of ["spin", "spinSort", "spinRegExp", "holdUp"]) {
      const call = () => new TestState().call(hostile, request(method, {}, { ...PATIENT, fuel: 2e6 }));
      expect([method, failureOf(call()), failureOf(call())]).toEqual([method, "FUEL_LIMIT", "FUEL_LIMIT"]);
    }
  });

  it("lets a call have exactly what it needs", () => {
    const args = { document: "d", edits: [[0, 0, "some words"]] };
    const needed = spent(engine, "edit", args);
    const withFuel = (fuel: number) => new TestState().call(engine, request("edit", args, { ...PATIENT, fuel }));
    expect(withFuel(needed).ok).toBe(true);
    expect(failureOf(withFuel(needed - 1))).toBe("FUEL_LIMIT");
    expect(withFuel(needed).ok).toBe(true);
  });
});
