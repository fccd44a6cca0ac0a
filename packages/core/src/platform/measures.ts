/** The clock and the memory that metrics measure by, as browsers and Node have them. */

interface Platform {
  readonly performance: { now(): number; readonly memory?: { readonly usedJSHeapSize: number } };
  readonly process?: { memoryUsage?(): { readonly heapUsed: number; readonly external: number } };
}

const platform = globalThis as unknown as Platform;

/** Fractional milliseconds; never goes back. */
export const systemMonotonicClock: { now(): number } = { now: () => platform.performance.now() };

/** Bytes of the heap, and in Node of buffers beside it; undefined in browsers that do not tell. */
export const systemMemory: { usedBytes(): number | undefined } = {
  usedBytes: () => {
    const usage = platform.process?.memoryUsage?.();
    return usage === undefined ? platform.performance.memory?.usedJSHeapSize : usage.heapUsed + usage.external;
  },
};
