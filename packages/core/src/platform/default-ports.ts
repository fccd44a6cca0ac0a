/** The ports of core as the web platform and Node both have them: wall clock, random bytes, timers, console. */
import { assert, type Clock, type Log, type LogLevel, type Random, type Scheduler } from "../base/index.ts";

/** The most that the platform fills in one call. */
const RANDOM_BYTES_MAX = 65_536;

interface Platform {
  readonly crypto: { getRandomValues(into: Uint8Array): unknown };
  readonly console: Readonly<Record<LogLevel, (event: string, fields: unknown) => void>>;
  setTimeout(task: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

const platform = globalThis as unknown as Platform;

export const systemClock: Clock = { now: () => Date.now() };

export const systemRandom: Random = {
  bytes: (length) => {
    assert(length <= RANDOM_BYTES_MAX, "random bytes are drawn at most 65536 at a time");
    const bytes = new Uint8Array(length);
    platform.crypto.getRandomValues(bytes);
    return bytes;
  },
};

export const systemScheduler: Scheduler = {
  after: (delayMs, task) => {
    const timer = platform.setTimeout(task, delayMs);
    return () => platform.clearTimeout(timer);
  },
};

/** What is wrong, on the console; what merely happens stays silent. */
export const consoleLog: Log = {
  log: (level, event, fields) => {
    if (level === "warn" || level === "error") platform.console[level](event, fields ?? {});
  },
};
