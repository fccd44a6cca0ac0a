/** What a call asks of the host and how long that takes, for whoever writes the application. */
import type { CallRequest } from "@dunlin/runtime";

export interface Profile {
  /** Milliseconds of the whole call. */
  readonly ms: number;
  /** By operation: how many, and their milliseconds. */
  readonly operations: Readonly<Record<string, readonly [count: number, ms: number]>>;
}

type Around = NonNullable<CallRequest["around"]>;

/** Runs a call whose operations are timed. What they throw goes on, timed as well. */
export function profiled<T>(run: (around: Around) => T): Profile & { readonly outcome: T } {
  const operations: Record<string, [number, number]> = {};
  const around: Around = (name, operation) => {
    const begunMs = performance.now();
    try {
      return operation();
    } finally {
      operations[name] ??= [0, 0];
      const sum = operations[name];
      sum[0]++;
      sum[1] += performance.now() - begunMs;
    }
  };
  const begunMs = performance.now();
  const outcome = run(around);
  return { outcome, ms: performance.now() - begunMs, operations };
}
