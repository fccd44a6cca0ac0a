import { describe, expect, it } from "vitest";
import { runLoad } from "./load.ts";

describe("a load", () => {
  it("lets each caller make its next call when the last is answered", async () => {
    const open = new Set<number>();
    let most = 0;
    const report = await runLoad({ callers: 3, durationMs: 20, warmUpMs: 0 }, async (caller) => {
      expect(open.has(caller)).toBe(false);
      open.add(caller);
      most = Math.max(most, open.size);
      await new Promise(setImmediate);
      open.delete(caller);
    });
    expect(most).toBe(3);
    expect(report.callsPerSecond).toBeGreaterThan(0);
    expect(report.p50Ms).toBeLessThanOrEqual(report.p99Ms);
  });

  it("ends with the error of a call that failed", async () => {
    const failing = runLoad({ callers: 1, durationMs: 1000, warmUpMs: 0 }, () => Promise.reject(new Error("refused")));
    await expect(failing).rejects.toThrow("refused");
  });
});
