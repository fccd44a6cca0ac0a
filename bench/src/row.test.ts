import { describe, expect, it } from "vitest";
import { check, checkedWork, measure, QUICK, toTiming } from "./measure.ts";
import { PlainCounter, PlainMap, PlainRegister } from "./reference/plain-crdt.ts";
import { toRow } from "./row.ts";
import { toTable } from "./table.ts";

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

  it("stands beside what others have published, with its note below", () => {
    const table = toTable([
      toRow({ ...time, quoted: { guide: 123, native: 45.6 }, note: "an empty loop" }),
      toRow(time),
    ]);
    expect(table).toMatch(/guide +native/);
    expect(table).toMatch(/n +123 +45\.6/);
    expect(table).toContain("n: an empty loop");
  });
});

describe("measure", () => {
  it("takes the median and the least of the samples", () => {
    expect(toTiming([5, 1, 9, 2, 3])).toMatchObject({ medianUs: 3, minUs: 1 });
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
    expect(measure([work(0), work(1)], { ...QUICK, samples: 3, warmUpMs: 0, sampleMs: 0 })).toHaveLength(2);
    expect(prepared).toBe(2);
    expect(calls).toEqual([4, 4]);
  });

  it("takes fewer samples when the time is up, and says so", () => {
    const [timing] = measure([{ name: "slow", prepare: () => () => {} }], {
      ...QUICK,
      samples: 100,
      warmUpMs: 0,
      sampleMs: 0,
      budgetMs: -1,
    });
    const samples = timing?.samplesUs ?? [];
    expect(samples).toHaveLength(3);
    const row = toRow({ suite: "s", name: "slow", value: 1, unit: "us", samples, samplesAsked: 100 });
    expect(toTable([row])).toContain("slow: the time was up after 3 of 100 samples");
  });

  it("refuses a work that was not done", () => {
    const idle = checkedWork("idle", () => {
      const list: number[] = [];
      return { run: () => {}, verify: () => check(list.length > 0, "an entry") };
    });
    expect(() => measure([idle], { ...QUICK, samples: 1, warmUpMs: 0 })).toThrow("the work was not done: an entry");
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
