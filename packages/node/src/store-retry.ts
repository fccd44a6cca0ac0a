/**
 * A store that failed to write is opened again after a while, as the disk may have room again: longer each time that it
 * fails soon. Meanwhile whoever asks is told why.
 */
import type { Failure, StoreFailureCode } from "@dunlin/core/base";
import { STORE_RETRY_FIRST_MS, STORE_RETRY_MAX_MS, STORE_STABLE_MS } from "./limits.ts";

export class StoreRetry {
  readonly #nowMs: () => number;
  #pauseMs = 0;
  #failedMs = 0;
  #failure: Failure<StoreFailureCode> | undefined;
  #end: (() => void) | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** What to answer while the store is not open; undefined when it is. */
  get failure(): Failure<StoreFailureCode> | undefined {
    return this.#failure;
  }

  /** The store failed; returns the milliseconds after which it is to be opened again. */
  onFailed(message: string): number {
    const now = this.#nowMs();
    const isStable = this.#pauseMs === 0 || now - this.#failedMs > STORE_STABLE_MS;
    this.#pauseMs = isStable ? STORE_RETRY_FIRST_MS : Math.min(this.#pauseMs * 2, STORE_RETRY_MAX_MS);
    this.#failedMs = now;
    this.#failure = { code: "STORE_WRITE_FAILED", message: `${message}; it is opened again by itself` };
    return this.#pauseMs;
  }

  onOpened(): void {
    this.#failure = undefined;
  }

  /** Resolves when the store is to be opened again, or when the pause is ended. */
  pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#pauseMs);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  endPause(): void {
    this.#end?.();
  }
}
