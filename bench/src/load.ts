/** Closed-loop load: each caller makes its next call when the last is answered. */
export interface Load {
  readonly callers: number;
  readonly durationMs: number;
  /** Calls in this time at the start are made and not counted. */
  readonly warmUpMs: number;
}

export interface LoadReport {
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** `call` gets the number of its caller, and of the call among that caller's. */
export async function runLoad(
  { callers, durationMs, warmUpMs }: Load,
  call: (caller: number, index: number) => Promise<void>,
): Promise<LoadReport> {
  const latenciesMs: number[] = [];
  const countFrom = performance.now() + warmUpMs;
  const end = countFrom + durationMs;
  const runCaller = async (caller: number): Promise<void> => {
    for (let index = 0; performance.now() < end; index++) {
      const started = performance.now();
      await call(caller, index);
      const ended = performance.now();
      if (started >= countFrom && ended <= end) latenciesMs.push(ended - started);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => runCaller(caller)));
  const sorted = latenciesMs.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { callsPerSecond: (sorted.length * 1000) / durationMs, p50Ms: at(0.5), p99Ms: at(0.99) };
}
