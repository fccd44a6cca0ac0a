/**
 * Which pages a store has, and those of them that are loaded.
 *
 * A page is named by its bound: it holds the keys from there up to the next page's bound. Keys below the first bound
 * are nowhere. Invariant: bounds ascend, and `loadedBytes` is the sum over loaded pages.
 *
 * The least recently read pages go when they take more than the cache's bytes; but none that was read since `keepFrom`,
 * or a transaction that is run again could lose the one page while it gets the other, and never end.
 */
import { assert, compareBytes } from "@dunlin/core/base";
import type { Page } from "./page.ts";

export interface Slot {
  readonly bound: Uint8Array;
  page: Page | undefined;
  readAt: number;
}

const NEVER = -1;

export class Directory {
  readonly #slots: Slot[] = [];
  #loadedBytes = 0;
  #loadedCount = 0;
  #now = 0;

  get size(): number {
    return this.#slots.length;
  }

  get loadedBytes(): number {
    return this.#loadedBytes;
  }

  get loadedCount(): number {
    return this.#loadedCount;
  }

  /** The place in time of the next read, for `evict`. */
  get now(): number {
    return this.#now;
  }

  at(index: number): Slot | undefined {
    return this.#slots[index];
  }

  /** The index of the page that a key belongs to; -1 when it is below all. */
  indexOf(key: Uint8Array): number {
    let [low, high] = [0, this.#slots.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes((this.#slots[middle] as Slot).bound, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The page if it is loaded. It counts as read now, or as wanted. */
  read(slot: Slot): Page | undefined {
    slot.readAt = ++this.#now;
    return slot.page;
  }

  /** Forgets everything and begins anew with these bounds, in order. */
  reset(bounds: readonly Uint8Array[]): void {
    this.#slots.splice(0);
    this.#loadedBytes = 0;
    this.#loadedCount = 0;
    for (const bound of bounds) this.#slots.push({ bound, page: undefined, readAt: NEVER });
  }

  /** A page that is there, with its rows or without. It counts as read as before; a new one as never. */
  set(bound: Uint8Array, page: Page | undefined): void {
    this.#replace(this.#slotOf(bound), page);
  }

  remove(bound: Uint8Array): void {
    const index = this.indexOf(bound);
    const found = this.#slots[index];
    if (found === undefined || compareBytes(found.bound, bound) !== 0) return;
    this.#replace(found, undefined);
    this.#slots.splice(index, 1);
  }

  evict(bytesMax: number, keepFrom: number): void {
    if (this.#loadedBytes <= bytesMax) return;
    const old = this.#slots.filter(({ page, readAt }) => page !== undefined && readAt < keepFrom);
    old.sort((a, b) => a.readAt - b.readAt);
    for (const slot of old) {
      if (this.#loadedBytes <= bytesMax) return;
      this.#replace(slot, undefined);
    }
  }

  #slotOf(bound: Uint8Array): Slot {
    const index = this.indexOf(bound);
    const found = this.#slots[index];
    if (found !== undefined && compareBytes(found.bound, bound) === 0) return found;
    const slot: Slot = { bound, page: undefined, readAt: NEVER };
    this.#slots.splice(index + 1, 0, slot);
    return slot;
  }

  #replace(slot: Slot, page: Page | undefined): void {
    if (slot.page !== undefined) this.#count(slot.page, -1);
    slot.page = page;
    if (page !== undefined) this.#count(page, 1);
  }

  #count(page: Page, sign: 1 | -1): void {
    this.#loadedBytes += sign * (page.bytes.length + page.offsets.byteLength);
    this.#loadedCount += sign;
    assert(this.#loadedBytes >= 0, "no page is given up twice");
  }
}
