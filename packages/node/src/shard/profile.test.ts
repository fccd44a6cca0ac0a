import { expect, it } from "vitest";
import { profiled } from "./profile.ts";

it("counts and times the operations of a call, also those that throw, and gives what they give", () => {
  const { outcome, ms, operations } = profiled((around) => {
    const fail = (): never => {
      throw new RangeError("no key");
    };
    expect(() => around("mapSet", fail)).toThrow("no key");
    return [around("mapSet", () => 5), around("mapGet", () => 6)];
  });
  expect(outcome).toEqual([5, 6]);
  expect(Object.entries(operations).map(([name, [count]]) => [name, count])).toEqual([
    ["mapSet", 2],
    ["mapGet", 1],
  ]);
  const total = Object.values(operations).reduce((sum, [, spent]) => sum + spent, 0);
  expect(total).toBeGreaterThan(0);
  expect(ms).toBeGreaterThanOrEqual(total);
});
