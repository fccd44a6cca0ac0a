import { describe, expect, it } from "vitest";
import { createPrng } from "./prng.ts";

describe("the seeded generator", () => {
  it("gives this sequence, for ever: stored seeds must replay", () => {
    const prng = createPrng(42);
    expect(Array.from({ length: 6 }, () => prng.u32())).toMatchInlineSnapshot(`
      [
        660444221,
        3652823732,
        77672526,
        910233633,
        2297337756,
        3786072677,
      ]
    `);
    expect([...prng.bytes(6)]).toMatchInlineSnapshot(`
      [
        168,
        108,
        255,
        223,
        87,
        230,
      ]
    `);
    expect(prng.fork(1).u32()).toMatchInlineSnapshot(`124797898`);
  });

  it("differs by seed, and by fork", () => {
    const first = createPrng(1);
    const numbers = [first.fork(0).u32(), first.fork(0).u32(), first.fork(1).u32(), createPrng(2).fork(0).u32()];
    expect(new Set(numbers).size).toBe(4);
  });

  it("forks a generator that draws nothing from its parent", () => {
    const [one, two] = [createPrng(7), createPrng(7)];
    const fork = one.fork(3);
    two.fork(3);
    for (let i = 0; i < 100; i++) fork.u32();
    expect(one.u32()).toBe(two.u32());
  });

  it("stays in its bounds and spreads over them", () => {
    const prng = createPrng(5);
    const counts = new Array<number>(10).fill(0);
    let heads = 0;
    for (let i = 0; i < 20_000; i++) {
      const drawn = prng.below(10);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
      const unit = prng.unit();
      expect(unit >= 0 && unit < 1).toBe(true);
      if (prng.chance(0.25)) heads++;
    }
    expect(counts).toHaveLength(10);
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(Math.abs(heads - 5000)).toBeLessThan(300);
    expect(prng.below(1)).toBe(0);
    expect(["a", "b"]).toContain(prng.pick(["a", "b"]));
  });
});
