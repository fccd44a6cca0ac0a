/**
 * Values by a key that several may have. Mostly one has it, and lies in the map as it is: a set of one takes ten times
 * its room, and a chain that arrives backwards would make one for each delta.
 */
const NONE: readonly never[] = [];

export class ManyByKey<V extends object> {
  readonly #held = new Map<string, V | Set<V>>();

  get(key: string): Iterable<V> {
    const held = this.#held.get(key);
    if (held === undefined) return NONE;
    return held instanceof Set ? held : [held];
  }

  add(key: string, value: V): void {
    const held = this.#held.get(key);
    if (held === undefined) this.#held.set(key, value);
    else if (held instanceof Set) held.add(value);
    else if (held !== value) this.#held.set(key, new Set([held, value]));
  }

  delete(key: string, value: V): void {
    const held = this.#held.get(key);
    if (held === value) this.#held.delete(key);
    if (!(held instanceof Set)) return;
    held.delete(value);
    if (held.size === 0) this.#held.delete(key);
  }

  /** All that have the key, which none has from then on. */
  take(key: string): Iterable<V> {
    const values = this.get(key);
    this.#held.delete(key);
    return values;
  }
}
