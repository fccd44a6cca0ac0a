import type { HostState } from "@dunlin/runtime";
import { expect, it } from "vitest";
import { profiled } from "./profile.ts";

/** A state with private parts, as the real one has them: its operations must be called on itself. */
class State {
  readonly #values = new Map<string, unknown>();

  mapSet(_map: number, key: string, value: unknown): void {
    if (key === "") throw new RangeError("no key");
    this.#values.set(key, value);
  }

  mapGet(_map: number, key: string): unknown {
    return this.#values.get(key);
  }
}

it("counts and times the operations of a call, and changes nothing of what they do", () => {
  const { outcome, ms, operations } = profiled(new State() as unknown as HostState, (state) => {
    state.mapSet(1, "a", 5);
    state.mapSet(1, "b", 6);
    expect(() => state.mapSet(1, "", 7)).toThrow("no key");
    return state.mapGet(1, "a");
  });
  expect(outcome).toBe(5);
  expect(Object.entries(operations).map(([name, [count]]) => [name, count])).toEqual([
    ["mapSet", 3],
    ["mapGet", 1],
  ]);
  const total = Object.values(operations).reduce((sum, [, spent]) => sum + spent, 0);
  expect(total).toBeGreaterThan(0);
  expect(ms).toBeGreaterThanOrEqual(total);
});
