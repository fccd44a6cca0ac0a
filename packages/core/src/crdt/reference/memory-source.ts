/**
 * The slowest store there is: every read scans and sorts. For tests and reference runs. `missing` makes the next reads
 * throw `Miss`, as a store does whose pages are not loaded.
 */
import { bytesToHex, compareBytes, type Entry, hexToBytes, Miss, must, type RangeOptions } from "../../base/index.ts";
import type { CellSource, DirtyCell } from "../containers/container.ts";

export class MemorySource implements CellSource {
  /** Reads that still succeed before one misses. */
  readsLeft: number = Number.POSITIVE_INFINITY;
  readonly #valuesByHexKey = new Map<string, Uint8Array>();

  get(key: Uint8Array): Uint8Array | undefined {
    this.#read({ gte: key, lt: key });
    return this.#valuesByHexKey.get(bytesToHex(key));
  }

  range(options: RangeOptions): Entry[] {
    this.#read(options);
    const inside = this.entries().filter(
      ([key]) => compareBytes(options.gte, key) <= 0 && compareBytes(key, options.lt) < 0,
    );
    if (options.reverse) inside.reverse();
    return inside.slice(0, options.limit);
  }

  put(cells: readonly DirtyCell[]): void {
    for (const { key, value } of cells) this.#valuesByHexKey.set(bytesToHex(key), value);
  }

  /** Everything, ascending by key. */
  entries(): Entry[] {
    const entries = [...this.#valuesByHexKey].map(
      ([hex, value]): Entry => [must(hexToBytes(hex), "keys are kept as hex"), value],
    );
    return entries.sort(([a], [b]) => compareBytes(a, b));
  }

  #read(range: RangeOptions): void {
    if (this.readsLeft-- <= 0) throw new Miss(range);
  }
}
