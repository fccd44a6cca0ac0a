import { describe, expect, it } from "vitest";
import { checkAudience, isLoopback } from "./audience.ts";
import { openRelay } from "./relay.ts";

describe("the audience of a relay", () => {
  it("is this machine alone, without a token", () => {
    expect(["127.0.0.1", "127.9.9.9", "localhost", "::1"].every(isLoopback)).toBe(true);
    expect(["0.0.0.0", "::", "192.168.0.7", "127.example.org", "relay.example.org"].some(isLoopback)).toBe(false);
  });

  it("is others with a token, or when that is said", () => {
    expect(() => checkAudience({ host: "0.0.0.0" })).toThrow(/token/);
    expect(() => checkAudience({ host: "127.0.0.1", token: "" })).toThrow(/empty token/);
    for (const more of [{ token: "secret" }, { servesAnybody: true }]) {
      expect(() => checkAudience({ host: "0.0.0.0", ...more })).not.toThrow();
    }
  });

  it("is refused before anything listens", async () => {
    await expect(openRelay({ host: "0.0.0.0" })).rejects.toThrow(/serves whoever reaches it/);
  });
});
