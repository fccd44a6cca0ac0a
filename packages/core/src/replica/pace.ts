/**
 * When deltas of others are committed: the first after a pause at once, those that follow together. A commit costs as
 * much for one delta as for fifty, and under load a member of a large group is brought a few by each neighbour in turn.
 *
 * Nobody waits for it: a call, a mark of the ledger and whoever asks for everything to be settled have all that is
 * staged committed at once. Without `follow` nothing is put off.
 */
import type { Cancel, Clock, Scheduler } from "../base/index.ts";
import { GATHERED_DELTAS_MAX } from "./limits.ts";

export interface Gathering {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Commits of nothing but others' deltas are so far apart, from start to start. */
  readonly windowMs: () => number;
}

export class Pace {
  #gathering: Gathering | undefined;
  #begunMs = Number.NEGATIVE_INFINITY;
  #cancel: Cancel | undefined;
  /** The window has ended, whatever the clock says. */
  #isDue = false;

  /** Puts commits off from now on, until the returned function is called. */
  follow(gathering: Gathering): () => void {
    this.#gathering = gathering;
    return () => {
      if (this.#gathering === gathering) this.#gathering = undefined;
    };
  }

  /** A commit begins, of whatever waits. */
  begun(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#isDue = false;
    if (this.#gathering) this.#begunMs = this.#gathering.clock.now();
  }

  /** Whether `count` deltas of others may wait for more; `commit` is then called at the window's end. */
  gathers(count: number, commit: () => void): boolean {
    if (this.#isDue || count >= GATHERED_DELTAS_MAX) return false;
    if (this.#cancel) return true;
    if (!this.#gathering) return false;
    const { clock, scheduler, windowMs } = this.#gathering;
    const sinceMs = clock.now() - this.#begunMs;
    const leftMs = windowMs() - sinceMs;
    // A clock that was set back puts nothing off.
    if (leftMs <= 0 || sinceMs < 0) return false;
    this.#cancel = scheduler.after(leftMs, () => {
      this.#cancel = undefined;
      this.#isDue = true;
      commit();
    });
    return true;
  }
}
