/** A count that only grows and a value that moves. Histograms have a file of their own. */
import { assert } from "../base/index.ts";

export class Counter {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  /** Refuses, by assertion, what would make it shrink. */
  add(amount = 1): void {
    if (!(amount >= 0)) assert(false, `a counter grows: not by ${amount}`);
    this.#value += amount;
  }
}

export class Gauge {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  set(value: number): void {
    this.#value = value;
  }

  add(amount: number): void {
    this.#value += amount;
  }
}
