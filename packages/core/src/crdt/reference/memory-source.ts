/**
 * The slowest store there is: every range scans and sorts. For tests and reference runs. `missing` makes the next reads
 * throw `Miss`, as a store does whose pages are not loaded.
 */
import { type Entry, idKey, idKeyToBytes, Miss, type RangeOptions } from "../../base/index.ts";
import type { CellSource, DirtyCell } from "../containers/container.ts";

export class MemorySource implements CellSource {
  /** Reads that still succeed before one misses. */
  readsLeft: number = Number.POSITIVE_INFINITY;
  /** By key with one character a byte, which orders as the bytes do. */
  readonly #valuesByKey: Map<string, Uint8Array>;

  constructor(cells: Iterable<readonly [string, Uint8Array]> = []) {
    this.#valuesByKey = new Map(cells);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#read({ gte: key, lt: key });
    return this.#valuesByKey.get(idKey(key));
  }

  range(options: RangeOptions): Entry[] {
    this.#read(options);
    const [from, to] = [idKey(options.gte), idKey(options.lt)];
    const keys = [...this.#valuesByKey.keys()].filter((key) => from <= key && key < to).sort();
    if (options.reverse) keys.reverse();
    return keys.slice(0, options.limit).map((key) => [idKeyToBytes(key), this.#valuesByKey.get(key) as Uint8Array]);
  }

  put(cells: readonly Pick<DirtyCell, "key" | "value">[]): void {
    for (const { key, value } of cells) this.#valuesByKey.set(idKey(key), value);
  }

  /** Everything, ascending by key. */
  entries(): Entry[] {
    return this.range({ gte: new Uint8Array(0), lt: new Uint8Array(4096).fill(255) });
  }

  /** Everything, by the key with one character a byte. */
  cells(): ReadonlyMap<string, Uint8Array> {
    return this.#valuesByKey;
  }

  #read(range: RangeOptions): void {
    if (this.readsLeft-- <= 0) throw new Miss(range);
  }
}
