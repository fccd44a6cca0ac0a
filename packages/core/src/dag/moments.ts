/**
 * The quarantine of what is stamped ahead of the clock: the moments at which such deltas, which lie among the pending
 * ones, need wait no longer. A moment has a name that they wait for like for a delta. Kept in order, in proportion to
 * what waits.
 */
import { must, type Stamp, stampAheadMs } from "../base/index.ts";

interface Moment {
  readonly stamp: Stamp;
  readonly key: string;
}

export class Moments {
  readonly #driftMaxMs: number;
  #moments: Moment[] = [];

  constructor(driftMaxMs: number) {
    this.#driftMaxMs = driftMaxMs;
  }

  get size(): number {
    return this.#moments.length;
  }

  /** The name that the delta waits for, if it is stamped too far ahead of `wallMs`. */
  wait(stamp: Stamp, key: string, wallMs: number): string | undefined {
    if (stampAheadMs(stamp, wallMs) <= this.#driftMaxMs) return undefined;
    let [low, high] = [0, this.#moments.length];
    // By halves: a peer decides how many there are.
    while (low < high) {
      const middle = (low + high) >> 1;
      if (must(this.#moments[middle], "within the moments").stamp <= stamp) low = middle + 1;
      else high = middle;
    }
    this.#moments.splice(low, 0, { stamp, key });
    return nameOf(key);
  }

  /** The names whose moment has come. */
  takeDue(wallMs: number): string[] {
    const due = this.#moments.findIndex(({ stamp }) => stampAheadMs(stamp, wallMs) > this.#driftMaxMs);
    return this.#moments.splice(0, due < 0 ? this.#moments.length : due).map(({ key }) => nameOf(key));
  }

  /** Forgets the moments of what does not wait any more, once they are the greater part. */
  forget(waits: { readonly size: number; has(key: string): boolean }): void {
    if (this.#moments.length <= 2 * waits.size) return;
    this.#moments = this.#moments.filter(({ key }) => waits.has(key));
  }
}

/** Longer than any id's key. */
function nameOf(key: string): string {
  return `early ${key}`;
}
