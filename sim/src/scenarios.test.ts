import { describe, expect, it } from "vitest";
import { measure, neverPushes, partedHalves, unheardCalls } from "./scenarios.ts";

describe("in virtual time", () => {
  it("halves that were parted for five minutes have one state within 1.5 s of the heal", async () => {
    const { violation, healedMs, deltas } = await measure(partedHalves({ nodes: 4, deltasPerSide: 60 }));
    expect(violation).toBeUndefined();
    expect(deltas).toBeGreaterThan(100);
    expect(healedMs).toBeLessThanOrEqual(1_500);
  });

  it("nodes whose pushes are all lost have one state within a minute of the last call", async () => {
    const { violation, healedMs, counts } = await measure(unheardCalls(4), neverPushes);
    expect(violation).toBeUndefined();
    expect(counts.get("call.acknowledged")).toBeGreaterThan(150);
    expect(healedMs).toBeLessThanOrEqual(60_000);
  });
});
