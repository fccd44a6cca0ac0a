/**
 * Lets virtual time run until something has come about. Several may wait at once: they take turns, and time goes on for
 * all of them.
 */
import { type Turns, VirtualTime } from "@dunlin/core/simulation";
import { PATIENCE_MS, STEP_MS } from "./limits.ts";

/** Taken when the module is loaded: a test's fake timers replace the globals. */
const afterPromises = process.nextTick.bind(process);
const afterLoopTurn = setImmediate;

const nodeTurns: Turns = {
  drained: () => new Promise((resolve) => afterPromises(resolve)),
  loopTurned: () => new Promise((resolve) => afterLoopTurn(resolve)),
};

export class Driver {
  readonly time: VirtualTime = new VirtualTime(nodeTurns);
  #before: Promise<void> = Promise.resolve();

  /** Lets time run until `isDone`; whether that came within `limitMs`. */
  async until(isDone: () => boolean, limitMs: number = PATIENCE_MS): Promise<boolean> {
    const turn = this.#before.then(() => this.#run(isDone, this.time.nowMs + limitMs));
    this.#before = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  /** Lets so much time run. */
  async advance(byMs: number): Promise<void> {
    await this.until(() => false, byMs);
  }

  async #run(isDone: () => boolean, deadlineMs: number): Promise<boolean> {
    await nodeTurns.drained();
    while (!isDone() && this.time.nowMs < deadlineMs) {
      await this.time.runUntil(Math.min(this.time.nowMs + STEP_MS, deadlineMs), isDone);
    }
    return isDone();
  }
}
