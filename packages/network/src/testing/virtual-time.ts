/** A scheduler whose time moves only when told to: tasks run in the order of their times, then of their making. */
import type { Scheduler } from "@dunlin/core/base";

export interface VirtualTime extends Scheduler {
  readonly now: number;
  /** Tasks scheduled and neither run nor cancelled. */
  readonly pending: number;
  /** Runs all that is due in the next `ms`, and what those tasks schedule within it. */
  advance(ms: number): void;
}

export function createVirtualTime(): VirtualTime {
  const tasks = new Map<number, { readonly at: number; readonly run: () => void }>();
  let now = 0;
  let nextId = 0;
  const nextDue = (until: number): number | undefined => {
    let best: number | undefined;
    let bestAt = until;
    for (const [id, { at }] of tasks) {
      if (at < bestAt || (best === undefined && at === bestAt)) [best, bestAt] = [id, at];
    }
    return best;
  };
  return {
    get now() {
      return now;
    },
    get pending() {
      return tasks.size;
    },
    after: (delayMs, run) => {
      const id = nextId++;
      tasks.set(id, { at: now + delayMs, run });
      return () => tasks.delete(id);
    },
    advance: (ms) => {
      const until = now + ms;
      for (let id = nextDue(until); id !== undefined; id = nextDue(until)) {
        const task = tasks.get(id);
        tasks.delete(id);
        now = task?.at ?? now;
        task?.run();
      }
      now = until;
    },
  };
}
