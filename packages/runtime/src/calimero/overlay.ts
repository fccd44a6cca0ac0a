/** What a call writes, over what was there before: reads see the call's own writes, and nothing else is touched. */
import { idKey, idKeyToBytes } from "@dunlin/core/base";

/** A store as a guest reads it. The bytes are the store's: whoever keeps them copies them. */
export interface GuestReader {
  get(key: Uint8Array): Uint8Array | undefined;
}

/** A value that was written, or undefined for a key that was removed. */
export type GuestWrite = readonly [key: Uint8Array, value: Uint8Array | undefined];

export class Overlay {
  readonly #base: GuestReader;
  readonly #values = new Map<string, Uint8Array | undefined>();

  constructor(base: GuestReader) {
    this.#base = base;
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const name = idKey(key);
    return this.#values.has(name) ? this.#values.get(name) : this.#base.get(key);
  }

  /** `value` is the overlay's from then on. */
  set(key: Uint8Array, value: Uint8Array | undefined): void {
    this.#values.set(idKey(key), value);
  }

  /** In the order of the keys' first writes. */
  writes(): GuestWrite[] {
    return [...this.#values].map(([name, value]) => [idKeyToBytes(name), value]);
  }
}
