/** The ports of core as this platform has them. */
import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import type { Clock, Random, Scheduler } from "@dunlin/core/base";

export const systemClock: Clock = { now: () => Date.now() };

export const systemRandom: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) };

export const systemScheduler: Scheduler = {
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Names where a store is, of which installation: another machine, path, inode or installation means that the store was
 * copied or restored.
 */
export function placeOf(path: string, installation: string): string {
  const { ino, dev } = statSync(path);
  return `${machineId()} ${dev}:${ino} ${installation} ${path}`;
}

/** The machine's own id where the system keeps one; a name that people give changes more often than the machine. */
function machineId(): string {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    return hostname();
  }
}
