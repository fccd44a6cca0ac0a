/**
 * The time that a work takes the main thread, in milliseconds: of the clock, or where the system tells it, of the
 * processor. For works that wait for nothing the two are one on a machine that does nothing else; on another the clock
 * tells of the other work, most of all in a first run, while the engine compiles at the side.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Samples } from "./samples.ts";

/** Of Linux: the nanoseconds that the main thread has had a processor for come first. */
const SCHEDULE = "/proc/self/schedstat";
const asleep = new Int32Array(new SharedArrayBuffer(4));

export function timeOnCpu<T>(samples: Samples, figure: string, work: () => T): T {
  const started = nowMs();
  const result = work();
  samples.add(figure, nowMs() - started);
  return result;
}

function nowMs(): number {
  if (!existsSync(SCHEDULE)) return performance.now();
  // What a thread has used is counted when it leaves the processor.
  Atomics.wait(asleep, 0, 0, 1);
  return Number(readFileSync(SCHEDULE, "utf8").split(" ")[0]) / 1e6;
}
