/**
 * Ids that the source of a container is known to lack: all above its last, and all between two neighbours in it. What is
 * inserted in bulk mostly falls between the same two, and is then known to be new without a read for each.
 *
 * Invariant: the source has no id above `#highest`, and none in the gap while there is one. Written rows raise the one
 * and end the other (`moved`).
 */
import { concatBytes, type RangeOptions, StoreFailure, utf8 } from "../../base/index.ts";
import { CELL_PREFIX_BYTES, prefixRange } from "../cell-key.ts";
import type { CellSource } from "../containers/container.ts";
import { bytesToKey } from "./record-cell.ts";
import { compareIds } from "./record-page.ts";

interface Gap {
  readonly below: string;
  readonly above: string;
}

export class SourceGap {
  readonly #source: CellSource;
  readonly #prefix: Uint8Array;
  /** Undefined until the source was asked. */
  #highest: string | undefined;
  #gap: Gap | undefined;
  /** No id that was added since the last `moved` is above it. */
  #highestAdded = "";
  /** Reads that found nothing since the last `moved`, and at how many the neighbours are asked for. */
  #missed = 0;
  #dueAt = 2;

  constructor(source: CellSource, prefix: Uint8Array) {
    this.#source = source;
    this.#prefix = prefix;
  }

  /** Whether the source is known to lack an id. */
  holds(id: string): boolean {
    this.#highest ??= this.#neighbour(prefixRange(this.#prefix), true) ?? "";
    if (compareIds(id, this.#highest) > 0) return true;
    const gap = this.#gap;
    return gap !== undefined && compareIds(id, gap.below) > 0 && compareIds(id, gap.above) < 0;
  }

  /** A read found nothing: when that repeats itself, the neighbours are worth knowing. */
  missed(id: string): void {
    if (++this.#missed < this.#dueAt) return;
    this.#dueAt *= 2;
    const { gte, lt } = prefixRange(this.#prefix);
    const key = concatBytes(this.#prefix, utf8(id));
    const below = this.#neighbour({ gte, lt: key }, true) ?? "";
    const above = this.#neighbour({ gte: key, lt }, false);
    // Nothing is above what was found missing: then it is above all.
    this.#gap = above === undefined ? undefined : { below, above };
    if (above === undefined) this.#highest = below;
  }

  /** An id that the source lacks came into memory, and is written to it before the next `moved`. */
  added(id: string): void {
    if (compareIds(id, this.#highestAdded) > 0) this.#highestAdded = id;
  }

  /** The source has what was added. */
  moved(): void {
    this.#missed = 0;
    this.#dueAt = 2;
    this.#gap = undefined;
    if (this.#highest !== undefined && compareIds(this.#highestAdded, this.#highest) > 0) {
      this.#highest = this.#highestAdded;
    }
  }

  #neighbour(range: RangeOptions, reverse: boolean): string | undefined {
    for (const [key] of this.#source.range({ ...range, reverse, limit: 1 })) {
      const id = bytesToKey(key.subarray(CELL_PREFIX_BYTES));
      if (id !== undefined) return id;
      throw new StoreFailure("STORE_CORRUPT", "a stored record has a malformed id: restore a backup");
    }
    return undefined;
  }
}
