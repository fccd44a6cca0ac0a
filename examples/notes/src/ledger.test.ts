import { describe, expect, it } from "vitest";
import { Ledger, quantile } from "./ledger.ts";

describe("Ledger", () => {
  it("counts what nobody else has told of", () => {
    const ledger = new Ledger();
    ledger.begin("C", "put")("one");
    ledger.begin("C", "put")("two");
    ledger.begin("A", "edit")("three");
    ledger.begin("A", "edit")(null);
    ledger.hear("C", ["one", "two"]);
    ledger.hear("B", ["one", "three"]);
    expect(ledger.countUnheard(["C"], ["A", "B"])).toBe(1);
    expect(ledger.countUnheard(["A", "B"], ["C"])).toBe(1);
    expect(ledger.writes).toHaveLength(3);
    expect(ledger.deltas()).toEqual(["one", "two", "three"]);
  });

  it("times events on the other nodes, and sets apart what a restart held up", () => {
    const ledger = new Ledger();
    ledger.begin("A", "edit")("one");
    ledger.hear("A", ["one"]);
    ledger.hear("B", ["one"]);
    ledger.startLife("C");
    ledger.hear("C", ["one"]);
    expect(ledger.lagOf("A")).toMatchObject({ samples: 1, heldUp: 1 });
    expect(ledger.lagOf("B")).toEqual({ p50Ms: 0, p99Ms: 0, samples: 0, heldUp: 0 });
    expect(ledger.rateOf("B")).toBe(0);
  });
});

describe("quantile", () => {
  it("is the smallest value that a share does not exceed", () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    expect([quantile(values, 0.5), quantile(values, 0.99), quantile([7], 0.99), quantile([], 0.5)]).toEqual([
      50, 99, 7, 0,
    ]);
  });
});
