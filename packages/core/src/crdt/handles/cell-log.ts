/** What one transaction replaced in one container: every cell once, with what was there before. */
import { assert } from "../../base/index.ts";
import type { CellContainer } from "../containers/cell-container.ts";

export class CellLog<C> {
  readonly container: CellContainer<C>;
  keys: string[] = [];
  #previous: (C | undefined)[] = [];

  constructor(container: CellContainer<C>) {
    this.container = container;
  }

  /** Notes what a cell held before its first change. */
  record(key: string, previous: C | undefined): void {
    this.keys.push(key);
    this.#previous.push(previous);
  }

  commit(): void {
    for (let i = 0; i < this.keys.length; i++) {
      const key = this.keys[i] as string;
      if (this.container.held(key) !== this.#previous[i]) this.container.mark(key);
    }
  }

  undo(): void {
    for (let i = this.keys.length - 1; i >= 0; i--) {
      const key = this.keys[i] as string;
      this.container.put(key, this.#previous[i], this.container.held(key));
    }
    assert(this.keys.length === this.#previous.length, "the columns of a log have one length");
    this.keys = [];
    this.#previous = [];
  }
}
