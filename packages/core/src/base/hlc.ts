/**
 * Hybrid logical clock. A stamp is one safe integer, `milliseconds * 2048 + counter`: 42 bits of milliseconds and 11
 * of counter, which carries into the milliseconds. It compares with `<`, survives JSON and lasts to 2109.
 * After Kulkarni et al., "Logical Physical Clocks" (2014).
 */
import { assert } from "./assert.ts";

declare const stampBrand: unique symbol;
/** An HLC stamp: a safe integer, greater than that of everything it follows. */
export type Stamp = number & { readonly [stampBrand]: true };

const COUNTER_RANGE = 2048;
export const STAMP_ZERO: Stamp = 0 as Stamp;
/** The greatest stamp that still has a successor. */
export const STAMP_MAX: Stamp = (Number.MAX_SAFE_INTEGER - 1) as Stamp;

export function stamp(value: number): Stamp {
  assert(Number.isSafeInteger(value) && value >= 0 && value <= STAMP_MAX, () => `stamp out of range: ${value}`);
  return value as Stamp;
}

/** The stamp that follows `last`, no earlier than the wall clock (milliseconds since 1970). */
export function nextStamp(last: Stamp, wallMs: number): Stamp {
  return stamp(Math.max(last, Math.floor(wallMs) * COUNTER_RANGE) + 1);
}

/** Milliseconds since 1970 that a stamp stands for. */
export function stampToMs(value: Stamp): number {
  return Math.floor(value / COUNTER_RANGE);
}

/** How far ahead of the wall clock a stamp is, in milliseconds; negative when it is behind. */
export function stampAheadMs(value: Stamp, wallMs: number): number {
  return stampToMs(value) - wallMs;
}
