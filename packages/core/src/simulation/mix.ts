/**
 * Randomness by name: a number that is a function of the seed and of what it is for. Taking an entry out of a plan
 * therefore changes nothing that the others draw, which is what makes plans shrink.
 */

/** 32 bits, well mixed, of these numbers in this order. */
export function mix(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part >>> 0), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ Math.floor(part / 0x1_0000_0000), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** The same as a number in [0, 1). */
export function mixUnit(...parts: readonly number[]): number {
  return mix(...parts) / 0x1_0000_0000;
}
