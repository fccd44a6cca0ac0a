/** Calls that wait for their turn or for room in a group, in order and bounded. */
import { type Failure, must } from "../base/index.ts";
import { CALLS_QUEUED_MAX } from "./limits.ts";

export interface Queued {
  readonly run: () => void;
  readonly fail: (failure: Failure) => void;
}

export class CallQueue {
  readonly #queue: Queued[] = [];

  get length(): number {
    return this.#queue.length;
  }

  /** False when there is no room: the call was failed. */
  push(queued: Queued): boolean {
    if (this.#queue.length < CALLS_QUEUED_MAX) return this.#queue.push(queued) > 0;
    queued.fail({ code: "CALLS_OVERLOADED", message: `${CALLS_QUEUED_MAX} calls wait already; try later` });
    return false;
  }

  /** Takes the oldest: there is one. */
  next(): Queued {
    return must(this.#queue.shift(), "not empty");
  }

  fail(failure: Failure): void {
    for (const queued of this.#queue.splice(0)) queued.fail(failure);
  }
}
