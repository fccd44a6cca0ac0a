import { createPrng, must, Reader, Writer } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import {
  GUEST_LIMIT_BOUNDS,
  type GuestLimitChanges,
  guestLimits,
  limitChanges,
  readLimits,
  writeLimits,
} from "./limit-changes.ts";
import { GUEST_LIMITS_DEFAULT, type GuestLimits } from "./limits.ts";

const NAMES = Object.keys(GUEST_LIMIT_BOUNDS) as (keyof GuestLimits)[];

function read(bytes: Uint8Array): GuestLimitChanges | undefined {
  const reader = new Reader(bytes);
  const changes = readLimits(reader);
  return reader.finish() ? changes : undefined;
}

describe("the limits of a call in its record", () => {
  it("have a number of their own each, and bounds that hold the default", () => {
    expect(new Set(NAMES.map((name) => GUEST_LIMIT_BOUNDS[name].code)).size).toBe(NAMES.length);
    expect(NAMES.sort()).toEqual(Object.keys(GUEST_LIMITS_DEFAULT).sort());
    for (const name of NAMES) {
      const { min, max } = GUEST_LIMIT_BOUNDS[name];
      expect(Number(GUEST_LIMITS_DEFAULT[name]), name).toBeLessThanOrEqual(max);
      expect(Number(GUEST_LIMITS_DEFAULT[name]), name).toBeGreaterThan(min);
    }
  });

  it("come back as they were written, and make the limits that they were taken of", () => {
    const prng = createPrng(5);
    for (let round = 0; round < 200; round++) {
      const chosen = NAMES.filter(() => prng.below(4) === 0);
      const changes = Object.fromEntries(chosen.map((name) => [name, GUEST_LIMIT_BOUNDS[name].min + prng.below(2)]));
      expect(limitChanges(guestLimits(changes))).toEqual(changes);
      if (chosen.length > 0) expect(read(writeLimits(new Writer(), changes).toBytes())).toEqual(changes);
    }
    expect(guestLimits({})).toEqual(GUEST_LIMITS_DEFAULT);
  });

  it("have one encoding: defaults, other orders, unknown numbers and what is out of bounds are refused", () => {
    const { min, max, code } = GUEST_LIMIT_BOUNDS.logsMax;
    const one = (number: number, value: number): Uint8Array =>
      new Writer().varint(1).u8(number).varint(value).toBytes();
    expect(read(one(code, min))).toEqual({ logsMax: min });
    for (const value of [max + 1, must(GUEST_LIMITS_DEFAULT.logsMax, "a number")])
      expect(read(one(code, value))).toBeUndefined();
    expect(read(one(GUEST_LIMIT_BOUNDS.fuel.code, GUEST_LIMIT_BOUNDS.fuel.min - 1))).toBeUndefined();
    expect(read(one(99, 1))).toBeUndefined();
    expect(read(new Writer().varint(0).toBytes())).toBeUndefined();
    for (const codes of [
      [7, 6],
      [6, 6],
    ]) {
      const writer = new Writer().varint(2);
      for (const number of codes) writer.u8(number).varint(1);
      expect(read(writer.toBytes()), String(codes)).toBeUndefined();
    }
  });
});
