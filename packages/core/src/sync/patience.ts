/**
 * How long what a neighbour announced is waited for before it is pulled: as long as such things were seen to take. A busy
 * group takes longer, and one that pulled what is under way anyhow would be busier still.
 */
import { PATIENCE_MAX_MS, PATIENCE_MIN_MS } from "./limits.ts";

export class Patience {
  /** What the slow ones took, forgotten slowly. */
  #slowMs = 0;

  get ms(): number {
    return Math.min(PATIENCE_MAX_MS, Math.max(PATIENCE_MIN_MS, 2 * this.#slowMs));
  }

  /** Something announced has come by itself after so long. */
  note(tookMs: number): void {
    const ms = Math.min(PATIENCE_MAX_MS, Math.max(0, tookMs));
    this.#slowMs = ms > this.#slowMs ? ms : this.#slowMs + (ms - this.#slowMs) / 16;
  }
}
