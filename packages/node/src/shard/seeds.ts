/** Seeds of calls, drawn by the block: asking the system for four bytes at a time costs as much as a tenth of a call. */
import type { Random } from "@dunlin/core/base";

const SEEDS_PER_BLOCK = 1024;

export class Seeds {
  readonly #random: Random;
  #block = new Uint32Array(0);
  #at = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** An integer in [0, 2^32). */
  next(): number {
    if (this.#at === this.#block.length) {
      this.#block = new Uint32Array(this.#random.bytes(4 * SEEDS_PER_BLOCK).slice().buffer);
      this.#at = 0;
    }
    return this.#block[this.#at++] as number;
  }
}
