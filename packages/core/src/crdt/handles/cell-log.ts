/** What one transaction replaced in one container: every cell once, with what was there before. */
import { assert } from "../../base/index.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import { NO_SLOT } from "../containers/key-index.ts";

/** Those of a log that has noted nothing yet. Replaced, and never written to. */
const NO_SLOTS: number[] = [];
const NO_CELLS: never[] = [];

export class CellLog<C> {
  readonly container: CellContainer<C>;
  slots: number[] = NO_SLOTS;
  #previous: (C | undefined)[] = NO_CELLS;

  constructor(container: CellContainer<C>) {
    this.container = container;
  }

  /** Notes what a cell holds before its first change. `slot` is what was found for the key; gives the one to write to. */
  record(key: string, slot: number): number {
    const at = slot === NO_SLOT ? this.container.add(key) : slot;
    const previous = this.container.at(at);
    if (this.slots.length === 0) {
      // Most logs hold one cell: an array with room for more than its first costs more than all else here.
      this.slots = [at];
      this.#previous = [previous];
    } else {
      this.slots.push(at);
      this.#previous.push(previous);
    }
    return at;
  }

  commit(): void {
    const { container, slots } = this;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      if (container.holds(slot, this.#previous[i])) container.freeIfEmpty(slot);
      else container.mark(slot);
    }
  }

  undo(): void {
    const { container, slots } = this;
    assert(slots.length === this.#previous.length, "the columns of a log have one length");
    for (let i = slots.length - 1; i >= 0; i--) {
      const slot = slots[i] as number;
      container.put(slot, this.#previous[i]);
      container.freeIfEmpty(slot);
    }
    container.trim();
    this.slots = NO_SLOTS;
    this.#previous = NO_CELLS;
  }
}
