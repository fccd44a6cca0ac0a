/** The log of a running node: one line an event on standard error, filtered by the subsystem before the first dot. */
import type { Clock, Log, LogLevel } from "@dunlin/core/base";
import { printable } from "./printable.ts";

export interface LogConfig {
  readonly level: LogLevel;
  /** Levels of single subsystems: `{ "sync": "debug" }`. */
  readonly subsystems: Readonly<Record<string, LogLevel>>;
}

export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export function createLog(options: {
  readonly config: LogConfig;
  readonly json: boolean;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}): Log {
  const { config, json, clock, write } = options;
  return {
    log(level, event, fields = {}) {
      const [subsystem = ""] = event.split(".", 1);
      const least = Object.hasOwn(config.subsystems, subsystem) ? config.subsystems[subsystem] : config.level;
      if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least ?? config.level)) return;
      const time = new Date(clock.now()).toISOString();
      if (json) {
        write(printable(JSON.stringify({ ...fields, time, level, event })));
        return;
      }
      const pairs = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`);
      write(printable([time, level.padEnd(5), event, ...pairs].join(" ")));
    },
  };
}

function fieldText(value: unknown): string {
  if (typeof value === "string") return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? String(value);
}
