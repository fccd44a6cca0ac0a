/** What a call does to its state and how long that takes, for whoever writes the application. */
import type { HostState } from "@dunlin/runtime";

export interface Profile {
  /** Milliseconds of the whole call. */
  readonly ms: number;
  /** By operation: how many, and their milliseconds. */
  readonly operations: Readonly<Record<string, readonly [count: number, ms: number]>>;
}

/** Runs a call with a state whose operations are timed. What they throw goes on, timed as well. */
export function profiled<T>(state: HostState, run: (timed: HostState) => T): Profile & { readonly outcome: T } {
  const operations: Record<string, [number, number]> = {};
  const timed = new Proxy(state, {
    get(target, name) {
      const operation: unknown = Reflect.get(target, name);
      if (typeof operation !== "function") return operation;
      return (...args: unknown[]): unknown => {
        const begunMs = performance.now();
        try {
          return operation.apply(target, args);
        } finally {
          operations[String(name)] ??= [0, 0];
          const sum = operations[String(name)] as [number, number];
          sum[0]++;
          sum[1] += performance.now() - begunMs;
        }
      };
    },
  });
  const begunMs = performance.now();
  const outcome = run(timed);
  return { outcome, ms: performance.now() - begunMs, operations };
}
