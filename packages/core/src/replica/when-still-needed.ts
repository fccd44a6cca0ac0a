/**
 * What one of several members does for all, such as vouching for a delta: each waits for a time drawn when it first saw
 * the need, and does it if the need is still there. So mostly one does it.
 */
import type { Clock, Random } from "../base/index.ts";
import { NEED_DELAY_MAX_MS } from "./limits.ts";

export class WhenStillNeeded {
  readonly #ports: { readonly clock: Clock; readonly random: Random };
  #dueMs: number | undefined;

  constructor(ports: { readonly clock: Clock; readonly random: Random }) {
    this.#ports = ports;
  }

  /** Told now and then whether there is need; true once, when the time has come. */
  isDue(isNeeded: boolean): boolean {
    const now = this.#ports.clock.now();
    if (!isNeeded) {
      this.#dueMs = undefined;
      return false;
    }
    this.#dueMs ??= now + this.#delayMs();
    if (now < this.#dueMs) return false;
    this.#dueMs = undefined;
    return true;
  }

  #delayMs(): number {
    const [low = 0, high = 0] = this.#ports.random.bytes(2);
    return ((low + high * 256) / 65_536) * NEED_DELAY_MAX_MS;
  }
}
