/** Durations by a clock that may jump. */

/** Whether so long has passed; a clock that was set back counts as past. */
export function isPast(nowMs: number, sinceMs: number, durationMs: number): boolean {
  return nowMs - sinceMs >= durationMs || nowMs < sinceMs;
}
