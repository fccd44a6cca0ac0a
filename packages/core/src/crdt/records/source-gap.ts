/**
 * Ids that the source of a container is known to lack: all between two neighbours in it. What is inserted in bulk mostly
 * falls between the same two, and is then known to be new without a read for each.
 *
 * Invariant: while a gap is known, the source has no id above `below` and under `above`. Written rows end it (`moved`),
 * but for the gap above all ids, which only gets smaller.
 */
import { concatBytes, type RangeOptions, StoreFailure, utf8 } from "../../base/index.ts";
import { CELL_PREFIX_BYTES, prefixRange } from "../cell-key.ts";
import type { CellSource } from "../containers/container.ts";
import { bytesToKey } from "./record-cell.ts";
import { compareIds } from "./record-page.ts";

interface Gap {
  readonly below: string;
  /** Undefined when nothing in the source is above. */
  readonly above: string | undefined;
}

export class SourceGap {
  readonly #source: CellSource;
  readonly #prefix: Uint8Array;
  #gap: Gap | undefined;
  /** No id that was added since the source was asked is above it. */
  #highest = "";
  /** Reads that found nothing since the gap was lost, and at how many the neighbours are asked for. */
  #missed = 0;
  #dueAt = 2;

  constructor(source: CellSource, prefix: Uint8Array) {
    this.#source = source;
    this.#prefix = prefix;
  }

  /** Whether the source is known to lack an id. Asks it once which is its last. */
  holds(id: string): boolean {
    this.#gap ??= { below: this.#neighbour(prefixRange(this.#prefix), true) ?? "", above: undefined };
    const { below, above } = this.#gap;
    return compareIds(id, below) > 0 && (above === undefined || compareIds(id, above) < 0);
  }

  /** A read found nothing: when that repeats itself, the neighbours are worth knowing. */
  missed(id: string): void {
    if (++this.#missed < this.#dueAt) return;
    this.#dueAt *= 2;
    const { gte, lt } = prefixRange(this.#prefix);
    const key = concatBytes(this.#prefix, utf8(id));
    this.#gap = {
      below: this.#neighbour({ gte, lt: key }, true) ?? "",
      above: this.#neighbour({ gte: key, lt }, false),
    };
  }

  /** An id that the source lacks came into memory, and is written to it before the next `moved`. */
  added(id: string): void {
    if (compareIds(id, this.#highest) > 0) this.#highest = id;
  }

  /** The source has what was added. */
  moved(): void {
    this.#missed = 0;
    this.#dueAt = 2;
    if (this.#gap === undefined) return;
    const below = compareIds(this.#highest, this.#gap.below) > 0 ? this.#highest : this.#gap.below;
    this.#gap = this.#gap.above === undefined ? { below, above: undefined } : undefined;
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
