import { describe, expect, it } from "vitest";
import type { PublicKey } from "../../base/index.ts";
import { HANDLER_TAKE_OVER_MS } from "./limits.ts";
import { type HandlerPolicy, type Verdict, verdictOf } from "./policy.ts";
import type { OpenEntry, Told } from "./row.ts";

const key = (byte: number) => new Uint8Array(32).fill(byte) as PublicKey;
const entry = (told: Told, handledElsewhere = false) => ({ told, handledElsewhere }) as OpenEntry;
const members = (self: number, live: readonly number[]) => ({
  self: key(self),
  writers: [3, 1, 2].map(key),
  isLive: (member: PublicKey) => live.includes(member[0] as number),
});

describe("who runs a handler", () => {
  const table: [HandlerPolicy, Told, Verdict][] = [
    ["receivers", "elsewhere", "run"],
    ["receivers", "here", "skip"],
    ["receivers", "by this member elsewhere", "skip"],
    ["author", "elsewhere", "skip"],
    ["author", "here", "run"],
    ["author", "by this member elsewhere", "skip"],
  ];
  it.each(table)("%s, told %s: %s", (policy, told, verdict) => {
    expect(verdictOf(policy, entry(told), members(1, []), 0)).toBe(verdict);
  });

  it("one: the lowest key that is connected, and nobody once it was handled", () => {
    expect(verdictOf("one", entry("here"), members(1, [2, 3]), 0)).toBe("run");
    expect(verdictOf("one", entry("here"), members(2, [1, 3]), 0)).toBe("wait");
    expect(verdictOf("one", entry("elsewhere"), members(2, [3]), 0)).toBe("run");
    expect(verdictOf("one", entry("elsewhere", true), members(1, [2]), 0)).toBe("skip");
  });

  it("one: in turn, when those before it do not", () => {
    const verdictAfter = (self: number, waitedMs: number) =>
      verdictOf("one", entry("here"), members(self, [1, 2, 3]), waitedMs);
    expect(verdictAfter(2, HANDLER_TAKE_OVER_MS - 1)).toBe("wait");
    expect(verdictAfter(2, HANDLER_TAKE_OVER_MS)).toBe("run");
    expect(verdictAfter(3, HANDLER_TAKE_OVER_MS)).toBe("wait");
    expect(verdictAfter(3, 2 * HANDLER_TAKE_OVER_MS)).toBe("run");
    expect(verdictOf("one", entry("here"), members(0, []), 1e9)).toBe("wait");
  });

  it("one: never a member who may not write", () => {
    expect(verdictOf("one", entry("here"), members(0, []), 0)).toBe("wait");
  });
});
