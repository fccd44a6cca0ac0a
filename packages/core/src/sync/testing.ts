/** Timers that run when a test says so. */
import type { Cancel, Scheduler } from "../base/index.ts";

export class VirtualScheduler implements Scheduler {
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly task: () => void }[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  get size(): number {
    return this.#timers.length;
  }

  after(delayMs: number, task: () => void): Cancel {
    const timer = { atMs: this.#nowMs + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Runs what is due within so long, in order, and what that schedules. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const [next] = this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.task();
    }
    this.#nowMs = endMs;
  }

  /** Runs what waits now, whatever its time. */
  runAll(): void {
    const timers = this.#timers;
    this.#timers = [];
    for (const { task } of timers) task();
  }
}
