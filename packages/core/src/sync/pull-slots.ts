/**
 * Who may pull, so that many peers are not asked for the same at once: at most so many pulls of a node run, and of one
 * context one, as long as it brings pages. A pull that brings none for a while does not hold up the others.
 */
import { PULL_PATIENCE_MS } from "./limits.ts";

export class PullSlots<S extends object> {
  readonly #max: () => number;
  readonly #pulls = new Map<S, { readonly context: string; sinceMs: number }>();

  constructor(max: () => number) {
    this.#max = max;
  }

  get size(): number {
    return this.#pulls.size;
  }

  /** True when `session` may pull now; it holds its slot until `release`. */
  take(session: S, context: string, nowMs: number): boolean {
    const own = this.#pulls.get(session);
    if (own) {
      own.sinceMs = nowMs;
      return true;
    }
    if (this.#pulls.size >= this.#max()) return false;
    for (const pull of this.#pulls.values()) {
      if (pull.context === context && Math.abs(nowMs - pull.sinceMs) < PULL_PATIENCE_MS) return false;
    }
    this.#pulls.set(session, { context, sinceMs: nowMs });
    return true;
  }

  /** A page came. */
  touch(session: S, nowMs: number): void {
    const own = this.#pulls.get(session);
    if (own) own.sinceMs = nowMs;
  }

  release(session: S): void {
    this.#pulls.delete(session);
  }
}
