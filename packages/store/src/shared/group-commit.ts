/**
 * Group commit: a batch is flushed at once when no flush is in flight; what arrives meanwhile is the next group.
 *
 * Invariants: batches are flushed in the order they came, each in one group; a promise resolves only after the flush
 * that holds its batch and all earlier ones. After a failed flush nothing is ever acknowledged again, since nobody can
 * know what reached the device ("fsyncgate", 2018): that group and all behind it are rejected, and later ones refused.
 */
import { StoreFailure, type WriteOperation } from "@dunlin/core/base";

export type Batch = readonly WriteOperation[];
/** Makes a group durable as one atomic write. */
export type Flush = (group: readonly Batch[]) => Promise<void>;

interface Waiting {
  readonly batch: Batch;
  readonly resolve: () => void;
  readonly reject: (reason: StoreFailure) => void;
}

type State = "open" | "closing" | "closed" | "failed";

export class GroupCommit {
  /** Resolves when a flush has failed, after whoever waited for it was told; never, when none does. */
  readonly failed: Promise<StoreFailure>;
  readonly #flush: Flush;
  #tellFailed: (failure: StoreFailure) => void = () => {};
  #state: State = "open";
  #flushing: readonly Waiting[] = [];
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(flush: Flush) {
    this.#flush = flush;
    this.failed = new Promise((resolve) => {
      this.#tellFailed = resolve;
    });
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Throws unless the store can be used. */
  assertOpen(): void {
    if (this.#state !== "open") throw this.#refusal();
  }

  add(batch: Batch): Promise<void> {
    if (this.#state !== "open") return Promise.reject(this.#refusal());
    const promise = new Promise<void>((resolve, reject) => this.#waiting.push({ batch, resolve, reject }));
    this.#running ??= this.#run();
    return promise;
  }

  /** Refuses further batches and waits for those that are here. */
  async close(): Promise<void> {
    if (this.#state === "open") this.#state = "closing";
    await this.#running;
    if (this.#state === "closing") this.#state = "closed";
  }

  /** As when the process dies: nothing that waits is ever settled. */
  abandon(): void {
    this.#state = "closed";
    this.#flushing = [];
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    // One microtask, so that what is committed in the same turn joins the group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      this.#flushing = this.#waiting;
      this.#waiting = [];
      try {
        await this.#flush(this.#flushing.map(({ batch }) => batch));
      } catch (reason) {
        if (this.#state !== "closed") this.#fail(reason);
        break;
      }
      // Nothing is left of the group when the store was abandoned meanwhile.
      const flushed = this.#flushing;
      this.#flushing = [];
      for (const { resolve } of flushed) resolve();
    }
    this.#running = undefined;
  }

  #fail(reason: unknown): void {
    const failed = [...this.#flushing, ...this.#waiting];
    this.#state = "failed";
    this.#flushing = [];
    this.#waiting = [];
    const failure = writeFailure(reason);
    for (const { reject } of failed) reject(failure);
    this.#tellFailed(failure);
  }

  #refusal(): StoreFailure {
    return this.#state === "failed"
      ? new StoreFailure("STORE_CLOSED", "the store failed to write and must be opened again")
      : new StoreFailure("STORE_CLOSED", "the store is closed");
  }
}

function writeFailure(reason: unknown): StoreFailure {
  if (reason instanceof StoreFailure) return reason;
  const detail = reason instanceof Error ? reason.message : String(reason);
  const message = `a write did not reach the disk (${detail}): check its free space and health, then open the store again`;
  return new StoreFailure("STORE_WRITE_FAILED", message, { cause: reason });
}
