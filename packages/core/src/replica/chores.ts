/**
 * What comes of time alone, with the time passed in: once a minute, letting go of what has waited in vain and writing
 * what waits. The replica has no timer; its host calls about once a second.
 */
import type { Clock, Log } from "../base/index.ts";
import type { Admission } from "./admission.ts";
import type { Committer } from "./committer.ts";
import { PENDING_CLEANING_MS } from "./limits.ts";

export interface ChoresPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly admission: Admission;
  readonly committer: Committer;
}

export class Chores {
  readonly #ports: ChoresPorts;
  #cleanedMs: number;

  constructor(ports: ChoresPorts) {
    this.#ports = ports;
    this.#cleanedMs = ports.clock.now();
  }

  tick(): void {
    const now = this.#ports.clock.now();
    // A clock that was put back must not keep the cleaning waiting.
    if (Math.abs(now - this.#cleanedMs) >= PENDING_CLEANING_MS) this.#clean(now);
  }

  #clean(now: number): void {
    const { admission, committer, log } = this.#ports;
    this.#cleanedMs = now;
    const dropped = admission.dropStale(now);
    if (dropped > 0) log.log("info", "replica.pending_stale", { dropped });
    committer.writeRestSoon();
  }
}
