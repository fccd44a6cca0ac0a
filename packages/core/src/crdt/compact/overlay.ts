/**
 * Changed cells laid over a source: the state as it will be once they are written. A cell may be taken away, which no
 * join does and a checkpoint alone may.
 */
import { compareBytes, type Entry, idKey, idKeyToBytes, type RangeOptions, type ReadView } from "../../base/index.ts";
import { CELL_PREFIX_BYTES } from "../cell-key.ts";

/** By `idKey` of the cell key; undefined for a cell that is taken away. */
export type CellChanges = ReadonlyMap<string, Uint8Array | undefined>;

export class Overlay implements ReadView {
  readonly #base: ReadView;
  readonly #changes = new Map<string, Uint8Array | undefined>();
  /** Changed keys by container, so that looking at one costs what it holds. */
  readonly #keysByPrefix = new Map<string, Set<string>>();

  constructor(base: ReadView, changes: CellChanges = new Map()) {
    this.#base = base;
    for (const [key, value] of changes) this.set(key, value);
  }

  get changes(): CellChanges {
    return this.#changes;
  }

  /** `key` is `idKey` of the cell key. */
  set(key: string, value: Uint8Array | undefined): void {
    this.#changes.set(key, value);
    const prefix = key.slice(0, CELL_PREFIX_BYTES);
    const keys = this.#keysByPrefix.get(prefix) ?? new Set();
    this.#keysByPrefix.set(prefix, keys.add(key));
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const name = idKey(key);
    return this.#changes.has(name) ? this.#changes.get(name) : this.#base.get(key);
  }

  *range(options: RangeOptions): Iterable<Entry> {
    const fresh = this.#changed(options);
    const direction = options.reverse === true ? -1 : 1;
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    let at = 0;
    for (const [key, value] of this.#base.range({ ...options, limit: Number.MAX_SAFE_INTEGER })) {
      for (; at < fresh.length && direction * compareBytes((fresh[at] as Fresh).key, key) < 0; at++) {
        const { key: changed, value: to } = fresh[at] as Fresh;
        if (to === undefined) continue;
        if (left-- <= 0) return;
        yield [changed, to];
      }
      if (this.#changes.has(idKey(key))) continue;
      if (left-- <= 0) return;
      yield [key, value];
    }
    for (; at < fresh.length; at++) {
      const { key, value } = fresh[at] as Fresh;
      if (value === undefined) continue;
      if (left-- <= 0) return;
      yield [key, value];
    }
  }

  #changed({ gte, lt, reverse }: RangeOptions): Fresh[] {
    const isOneContainer = gte.length >= CELL_PREFIX_BYTES && lt.length >= CELL_PREFIX_BYTES;
    const keys = isOneContainer
      ? (this.#keysByPrefix.get(idKey(gte.subarray(0, CELL_PREFIX_BYTES))) ?? [])
      : this.#changes.keys();
    const [from, to] = [idKey(gte), idKey(lt)];
    const within = [...keys].filter((key) => from <= key && key < to).sort();
    if (reverse === true) within.reverse();
    return within.map((key) => ({ key: idKeyToBytes(key), value: this.#changes.get(key) }));
  }
}

interface Fresh {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}
