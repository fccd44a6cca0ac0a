/** A seeded generator (xoshiro128**, seeded by splitmix32): for the simulator and tests, never for keys. */
export interface Prng {
  /** An integer in [0, 2^32). */
  u32(): number;
  /** An integer in [0, below). */
  below(below: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** A number in [0, 1). */
  unit(): number;
  bytes(length: number): Uint8Array;
  pick<T>(items: readonly T[]): T;
  /** A generator of its own, which draws nothing from this one later. */
  fork(label: number): Prng;
}

export function createPrng(seed: number): Prng {
  let mixed = seed >>> 0;
  const splitmix = (): number => {
    mixed = (mixed + 0x9e3779b9) >>> 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [splitmix(), splitmix(), splitmix(), splitmix()];
  const rotate = (value: number, by: number): number => ((value << by) | (value >>> (32 - by))) >>> 0;
  const u32 = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
  const unit = (): number => u32() / 0x1_0000_0000;
  const below = (limit: number): number => Math.floor(unit() * limit);
  return {
    u32,
    unit,
    below,
    chance: (p) => unit() < p,
    bytes: (length) => Uint8Array.from({ length }, () => u32() & 255),
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    fork: (label) => createPrng((u32() ^ Math.imul(label + 1, 0x9e3779b9)) >>> 0),
  };
}
