import { describe, expect, it, vi } from "vitest";
import { createCrypto } from "../crypto/index.ts";
import {
  consoleLog,
  systemClock,
  systemDigest,
  systemMemory,
  systemMonotonicClock,
  systemRandom,
  systemScheduler,
} from "./index.ts";

describe("the default ports", () => {
  it("tell the wall clock", () => {
    const before = Date.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
    expect(systemClock.now()).toBeLessThanOrEqual(Date.now());
  });

  it("draw as many random bytes as asked for, different ones each time", () => {
    expect(systemRandom.bytes(32)).toHaveLength(32);
    expect(systemRandom.bytes(32)).not.toEqual(systemRandom.bytes(32));
    expect(() => systemRandom.bytes(65_537)).toThrow("at most");
  });

  it("hash beside this thread what the crypto hashes in it", async () => {
    const bytes = systemRandom.bytes(60_000);
    expect(await systemDigest(bytes.subarray(7))).toEqual(createCrypto().sha256(bytes.subarray(7)));
  });

  it("run a task later, unless it is cancelled", async () => {
    const ran: string[] = [];
    const cancel = systemScheduler.after(0, () => ran.push("cancelled"));
    cancel();
    await new Promise<void>((resolve) => {
      systemScheduler.after(0, () => {
        ran.push("run");
        resolve();
      });
    });
    expect(ran).toEqual(["run"]);
  });

  it("measure by a clock that never goes back, and tell what is used", () => {
    const before = systemMonotonicClock.now();
    expect(systemMonotonicClock.now()).toBeGreaterThanOrEqual(before);
    expect(systemMemory.usedBytes()).toBeGreaterThan(1_000_000);
  });

  it("say on the console what is wrong, and nothing else", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    consoleLog.log("warn", "store.slow", { ms: 5 });
    consoleLog.log("info", "store.opened");
    expect(warn.mock.calls).toEqual([["store.slow", { ms: 5 }]]);
    expect(info).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});
