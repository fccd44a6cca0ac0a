/**
 * Changed cells laid over a source: the state as it will be once they are written. A cell may be taken away, which no
 * join does and a checkpoint alone may.
 */
import { compareBytes, type Entry, idKey, idKeyToBytes, type RangeOptions, type ReadView } from "../../base/index.ts";
import { CELL_PREFIX_BYTES, prefixRange } from "../cell-key.ts";

/** By `idKey` of the cell key; undefined for a cell that is taken away. */
export type CellChanges = ReadonlyMap<string, Uint8Array | undefined>;

export class Overlay implements ReadView {
  readonly #base: ReadView;
  readonly #changes: Map<string, Uint8Array | undefined>;
  /** Changed keys by container, so that looking at one costs what it holds; made when a range is asked for. */
  #keysByPrefix: Map<string, Set<string>> | undefined;
  /** All changed keys, ascending, once a range over many containers was asked for. */
  #sorted: readonly string[] | undefined;

  constructor(base: ReadView, changes: CellChanges = new Map()) {
    this.#base = base;
    this.#changes = new Map(changes);
  }

  get changes(): CellChanges {
    return this.#changes;
  }

  /** `key` is `idKey` of the cell key. */
  set(key: string, value: Uint8Array | undefined): void {
    if (!this.#changes.has(key)) this.#sorted = undefined;
    this.#changes.set(key, value);
    if (this.#keysByPrefix) noteKey(this.#keysByPrefix, key);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const name = idKey(key);
    return this.#changes.has(name) ? this.#changes.get(name) : this.#base.get(key);
  }

  *range(options: RangeOptions): Iterable<Entry> {
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for (const [key, value] of this.#merged(options)) {
      if (left-- <= 0) return;
      yield [key, value];
    }
  }

  *#merged({ gte, lt, reverse = false }: RangeOptions): Iterable<Entry> {
    const fresh = this.#fresh(gte, lt, reverse);
    let next = fresh.next();
    for (const [key, value] of this.#base.range({ gte, lt, reverse })) {
      while (next.done !== true && isBefore(next.value[0], key, reverse)) {
        yield next.value;
        next = fresh.next();
      }
      if (!this.#changes.has(idKey(key))) yield [key, value];
    }
    for (; next.done !== true; next = fresh.next()) yield next.value;
  }

  /** The changed cells of a range that are there, in its order. */
  *#fresh(gte: Uint8Array, lt: Uint8Array, reverse: boolean): Generator<Entry, undefined> {
    const keys = this.#keysWithin(gte, lt);
    const [start, end] = [firstAt(keys, idKey(gte)), firstAt(keys, idKey(lt))];
    for (let i = 0; i < end - start; i++) {
      const key = keys[reverse ? end - 1 - i : start + i] as string;
      const value = this.#changes.get(key);
      if (value !== undefined) yield [idKeyToBytes(key), value];
    }
    return undefined;
  }

  #prefixes(): Map<string, Set<string>> {
    if (this.#keysByPrefix) return this.#keysByPrefix;
    const made = new Map<string, Set<string>>();
    for (const key of this.#changes.keys()) noteKey(made, key);
    this.#keysByPrefix = made;
    return made;
  }

  /** Ascending; those of one container alone when the range stays within it. */
  #keysWithin(gte: Uint8Array, lt: Uint8Array): readonly string[] {
    if (gte.length >= CELL_PREFIX_BYTES) {
      const prefix = gte.subarray(0, CELL_PREFIX_BYTES);
      const isOneContainer = compareBytes(lt, prefixRange(prefix).lt) <= 0;
      if (isOneContainer) return [...(this.#prefixes().get(idKey(prefix)) ?? [])].sort();
    }
    this.#sorted ??= [...this.#changes.keys()].sort();
    return this.#sorted;
  }
}

function noteKey(keysByPrefix: Map<string, Set<string>>, key: string): void {
  const prefix = key.slice(0, CELL_PREFIX_BYTES);
  const keys = keysByPrefix.get(prefix);
  if (keys) keys.add(key);
  else keysByPrefix.set(prefix, new Set([key]));
}

function isBefore(a: Uint8Array, b: Uint8Array, reverse: boolean): boolean {
  const order = compareBytes(a, b);
  return reverse ? order > 0 : order < 0;
}

/** The first place whose key is not below `key`. */
function firstAt(sorted: readonly string[], key: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
