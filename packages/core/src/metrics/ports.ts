/** What metrics ask of the world. Both are the host's: core reads no clock and no process. */

/** Fractional milliseconds from any start. Never goes back; `performance.now` is one. */
export interface MonotonicClock {
  now(): number;
}

/** What the process, the page or the library itself holds in memory, in bytes; undefined where it cannot be told. */
export interface MemoryProbe {
  usedBytes(): number | undefined;
}
