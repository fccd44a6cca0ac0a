/**
 * When what waits is sent: at once after a pause, and gathered for a window under load. What costs is frames, not what
 * is in them.
 *
 * The window is as long as the neighbours ask for, and twice as long each time that this node came late to its end,
 * which is how a busy processor shows. It shrinks again when the node is on time.
 */
import type { Cancel, Clock, Scheduler } from "../base/index.ts";
import { BATCH_BYTES_SOFT, BATCH_WINDOW_MAX_MS } from "./limits.ts";

export interface BatchWindowPorts {
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  /** The window of a node that keeps up. */
  readonly leastMs: () => number;
  /** Sends all that waits. */
  readonly flush: () => void;
}

export class BatchWindow {
  readonly #ports: BatchWindowPorts;
  #windowMs = 0;
  #bytes = 0;
  #waits = false;
  /** Set from a flush to the end of the window that it began. */
  #cancel: Cancel | undefined;
  #dueMs = 0;

  constructor(ports: BatchWindowPorts) {
    this.#ports = ports;
  }

  get windowMs(): number {
    return Math.max(this.#windowMs, this.#ports.leastMs());
  }

  /** So many bytes more wait. */
  add(bytes: number): void {
    this.#waits = true;
    this.#bytes += bytes;
    if (this.#cancel === undefined || this.#bytes >= BATCH_BYTES_SOFT) this.#flush();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waits = false;
  }

  #flush(): void {
    this.#cancel?.();
    this.#waits = false;
    this.#bytes = 0;
    this.#dueMs = this.#ports.clock.now() + this.windowMs;
    this.#cancel = this.#ports.scheduler.after(this.windowMs, () => this.#end());
    this.#ports.flush();
  }

  #end(): void {
    this.#cancel = undefined;
    const windowMs = this.windowMs;
    const isLate = this.#ports.clock.now() - this.#dueMs > windowMs / 2;
    this.#windowMs = isLate ? Math.min(BATCH_WINDOW_MAX_MS, windowMs * 2) : this.#windowMs * 0.75;
    if (this.#waits) this.#flush();
  }
}
