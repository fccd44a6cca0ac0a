/**
 * What is committed and not flushed yet, over what a store's device holds: reads see a batch at once.
 *
 * Invariant: an entry stays until a flush that covers it has ended, and a newer one of the same key until its own; so
 * there is no moment at which a read misses what was committed.
 */
import { compareBytes, type Entry, type RangeOptions } from "@dunlin/core/base";
import type { Batch } from "./group-commit.ts";
import { rangeOf, type Snapshot, SortedMap } from "./sorted-map.ts";

/** The last unflushed write to a key: a value, or none for a deletion. */
export interface Pending {
  readonly value: Uint8Array | undefined;
}

/** Each key once, in order, whatever number of batches wrote it: what one flush writes. */
export type Group = Snapshot<Pending>;

export class Overlay {
  #entries = new SortedMap<Pending>();
  #version = 0;
  #groupVersion = 0;

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  get(key: Uint8Array): Pending | undefined {
    return this.isEmpty ? undefined : this.#entries.get(key);
  }

  add(batch: Batch): void {
    for (const operation of batch) {
      this.#entries.set(operation.key, { value: operation.kind === "put" ? operation.value : undefined });
    }
    this.#version++;
  }

  /** All that is here now, for one flush. */
  group(): Group {
    this.#groupVersion = this.#version;
    return this.#entries.snapshot();
  }

  /** Forgets a group that was flushed, but not what was committed during its flush. */
  dropFlushed(group: Group): void {
    if (this.#version === this.#groupVersion) {
      this.#entries = new SortedMap();
      return;
    }
    for (const [key, pending] of entriesOf(group)) {
      if (this.#entries.get(key) === pending) this.#entries.delete(key);
    }
  }

  /** A range of the device with this laid over it, as it is now; without regard to the limit. */
  over(below: Iterable<Entry>, options: RangeOptions): Iterable<Entry> {
    return this.isEmpty ? below : merged(below, this.#entries.snapshot(), options);
  }
}

export function entriesOf(group: Group): Iterable<readonly [Uint8Array, Pending]> {
  return rangeOf(group, EVERYTHING);
}

const EVERYTHING = { gte: new Uint8Array(0), lt: new Uint8Array(4096).fill(255) };

/** Two sorted sequences merged: where both have a key, the overlay's entry counts, and its deletions hide the other. */
function* merged(below: Iterable<Entry>, group: Group, options: RangeOptions): Generator<Entry> {
  const { gte, lt, reverse = false } = options;
  const sign = reverse ? -1 : 1;
  const above = rangeOf(group, { gte, lt, reverse });
  let next = above.next();
  for (const entry of below) {
    for (; next.done !== true && sign * compareBytes(next.value[0], entry[0]) < 0; next = above.next()) {
      yield* shown(next.value);
    }
    const isHidden = next.done !== true && compareBytes(next.value[0], entry[0]) === 0;
    if (!isHidden) yield entry;
  }
  for (; next.done !== true; next = above.next()) yield* shown(next.value);
}

function shown([key, { value }]: readonly [Uint8Array, Pending]): readonly Entry[] {
  return value === undefined ? [] : [[key, value]];
}
