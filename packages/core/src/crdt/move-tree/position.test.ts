import { describe, expect, it } from "vitest";
import { createPrng, must } from "../../base/index.ts";
import { POSITION_CHARS_MAX } from "./limits.ts";
import { isPosition, positionBetween, sortKeyOf } from "./position.ts";

function between(left: string | undefined, right: string | undefined): string {
  return must(positionBetween(left, right), "there is room");
}

/** Sort keys of nodes that are put, one after another, where `pick` says, with ids of their own. */
function putMany(count: number, pick: (length: number) => number): string[] {
  const keys: string[] = [];
  for (let i = 0; i < count; i++) {
    const at = pick(keys.length);
    keys.splice(at, 0, sortKeyOf(between(keys[at - 1], keys[at]), `node ${i}`));
  }
  return keys;
}

const longest = (keys: readonly string[]): number => Math.max(...keys.map((key) => key.length)) - 5;

describe("positions", () => {
  it("lie between their neighbours, wherever nodes are put", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const prng = createPrng(seed);
      const keys = putMany(300, (length) => prng.below(length + 1));
      expect([...keys].sort()).toEqual(keys);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it("stay short in runs at the end, at the start, and from a place in the middle in either direction", () => {
    expect(longest(putMany(10_000, (length) => length))).toBe(5);
    expect(longest(putMany(10_000, () => 0))).toBe(5);
    expect(longest(putMany(10_000, (length) => Math.max(0, length - 1)))).toBeLessThanOrEqual(15);
    expect(longest(putMany(10_000, (length) => Math.min(length, 1)))).toBeLessThanOrEqual(20);
    const prng = createPrng(1);
    expect(longest(putMany(10_000, (length) => prng.below(length + 1)))).toBeLessThanOrEqual(25);
  });

  it("find room between two nodes that were put at one place at the same time", () => {
    const [left, right] = [sortKeyOf("V----", "a"), sortKeyOf("V----", "b")].sort();
    const position = between(left, right);
    expect(isPosition(position)).toBe(true);
    expect([sortKeyOf(position, "c"), right, left].sort()).toEqual([left, sortKeyOf(position, "c"), right]);
  });

  it("run out at the limit, and where a forger left no room", () => {
    let [left, right] = [sortKeyOf(between(undefined, undefined), "l"), sortKeyOf("zzzzz", "r")];
    let count = 0;
    for (;;) {
      const position = positionBetween(left, right);
      if (position === undefined) break;
      expect(position.length).toBeLessThanOrEqual(POSITION_CHARS_MAX);
      if (count++ % 2 === 0) left = sortKeyOf(position, `n${count}`);
      else right = sortKeyOf(position, `n${count}`);
    }
    expect(count).toBeGreaterThan(1500);
    expect(positionBetween(undefined, "----------")).toBeUndefined();
    expect(positionBetween("V----", "V----")).toBeUndefined();
  });

  it("are digits of five characters of the alphabet", () => {
    for (const text of ["V----", "V----a_-0Z"]) expect(isPosition(text)).toBe(true);
    for (const text of ["", "V---", "V----0", "V---!", "V---+", "V---ł", "V----\n"])
      expect(isPosition(text)).toBe(false);
    expect(isPosition("V".repeat(POSITION_CHARS_MAX))).toBe(true);
    expect(isPosition("V".repeat(POSITION_CHARS_MAX + 5))).toBe(false);
  });
});
