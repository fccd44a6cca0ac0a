/** The length of a column by slot that is to hold `needed` slots. */

const LENGTH_MIN = 8;

/**
 * A quarter more than is needed when it grows, so that an eighth of a large column is empty on average, and each entry
 * is copied four times in all; exactly what is needed when it shrinks.
 */
export function grownLength(length: number, needed: number): number {
  if (needed <= length) return Math.max(needed, LENGTH_MIN);
  return Math.max(needed, Math.ceil(length * 1.25), length + LENGTH_MIN);
}
