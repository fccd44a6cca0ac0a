import { describe, expect, it } from "vitest";
import { measure, toTiming } from "./measure.ts";
import { PlainCounter, PlainMap, PlainRegister } from "./reference/plain-crdt.ts";
import { toRow, toTable } from "./row.ts";

describe("a row", () => {
  const time = { suite: "s", name: "n", value: 30, unit: "us", reference: { name: "r", value: 20 } } as const;

  it("compares a time with the most it may be, and a rate with the least", () => {
    expect(toRow({ ...time, target: { atMost: 1.5 } })).toMatchObject({ ratio: 1.5, holds: true });
    expect(toRow({ ...time, target: { atMost: 1.4 } }).holds).toBe(false);
    expect(toRow({ ...time, unit: "per s", target: { atLeast: 1.6 } }).holds).toBe(false);
  });

  it("claims nothing without a reference or a target", () => {
    expect(toRow(time).holds).toBeNull();
    expect(toRow({ suite: "s", name: "n", value: 1, unit: "us", target: { atMost: 1 } })).toMatchObject({
      ratio: null,
      holds: null,
    });
  });

  it("holds a figure that the design names, whatever the reference", () => {
    expect(toRow({ ...time, target: { valueAtMost: 30 } }).holds).toBe(true);
    expect(toRow({ ...time, target: { valueAtMost: 29 } }).holds).toBe(false);
    expect(toRow({ ...time, unit: "per s", target: { valueAtLeast: 31 } }).holds).toBe(false);
    expect(toRow({ suite: "s", name: "n", value: 1, unit: "us", target: { valueAtLeast: 1 } }).holds).toBe(true);
  });

  it("stands in the table with what was missed", () => {
    expect(toTable([toRow({ ...time, target: { atMost: 1 } })])).toContain("MISSED");
  });
});

describe("measure", () => {
  it("takes the median and the least of the samples", () => {
    expect(toTiming([5, 1, 9, 2, 3])).toEqual({ medianUs: 3, minUs: 1 });
  });

  it("prepares each work once and samples all of them", () => {
    const calls = [0, 0];
    let prepared = 0;
    const work = (index: number) => ({
      name: `${index}`,
      prepare: () => {
        prepared++;
        return () => {
          calls[index] = (calls[index] ?? 0) + 1;
        };
      },
    });
    expect(measure([work(0), work(1)], { samples: 3, warmUpMs: 0, sampleMs: 0, isQuick: true })).toHaveLength(2);
    expect(prepared).toBe(2);
    expect(calls).toEqual([4, 4]);
  });
});

describe("the plain port", () => {
  it("takes the later write, and of equal stamps the greater replica", () => {
    const register = new PlainRegister("a", 1, "r1");
    register.merge(new PlainRegister("b", 1, "r2"));
    register.merge(new PlainRegister("c", 0, "r9"));
    expect(register.value).toBe("b");
  });

  it("merges maps by key and counts increments", () => {
    const [left, right] = [new PlainMap<string>(), new PlainMap<string>()];
    left.insert("a", "1", "r");
    right.insert("b", "2", "r");
    left.merge(right);
    expect([left.get("a"), left.get("b")]).toEqual(["1", "2"]);
    const counter = new PlainCounter();
    for (let i = 0; i < 3; i++) counter.increment("r");
    expect(counter.value()).toBe(3);
  });
});
