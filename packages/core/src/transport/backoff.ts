/** How long to wait before the next try: doubling, with jitter so that those who lost one relay do not come back as one. */
import type { Random } from "../base/index.ts";
import { RECONNECT_FIRST_MS, RECONNECT_MAX_MS } from "./limits.ts";

export class Backoff {
  readonly #random: Random;
  #failures = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  reset(): void {
    this.#failures = 0;
  }

  /** Between half and all of the doubled wait. */
  next(): number {
    const wait = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** Math.min(this.#failures++, 16));
    const share = (this.#random.bytes(1)[0] as number) / 255;
    return Math.round(wait * (0.5 + share / 2));
  }
}
