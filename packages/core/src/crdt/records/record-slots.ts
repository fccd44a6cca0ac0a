/**
 * Where a container keeps its records: columns by slot, so that a record costs the bits that say what may become of it,
 * and not an object of its own. Which of those that the store has leave memory is told by a clock (Corbató, 1968): each
 * has a bit that says it was used, and a hand goes round, takes the bit from whoever has it, and evicts who has none.
 *
 * Invariant: `evictable` counts the slots with a record that is neither changed nor held.
 */
import { assert } from "../../base/index.ts";
import { grownLength } from "../cells/grown-length.ts";
import type { RecordCell } from "./record-cell.ts";

/** Differs from what the store has. */
const DIRTY = 1;
/** A transaction writes in it. */
const DRAFTED = 2;
/** Somebody has pinned it. */
const PINNED = 4;
/** As many slots have their bits in one word. */
const WORD = 32;

export class RecordSlots {
  /** How many may be evicted. */
  evictable = 0;
  /** How many are held: pinned, or written in. */
  held = 0;
  readonly #cells: (RecordCell | undefined)[] = [];
  #marks: Uint8Array = new Uint8Array(WORD);
  #bytes: Uint32Array = new Uint32Array(WORD);
  #evictable: Uint32Array = new Uint32Array(1);
  #used: Uint32Array = new Uint32Array(1);
  readonly #pins = new Map<number, number>();
  #hand = 0;

  /** One more than the highest slot that was ever taken. */
  get end(): number {
    return this.#cells.length;
  }

  cellAt(slot: number): RecordCell | undefined {
    return this.#cells[slot];
  }

  /** Of the record as encoded last; 0 when it never was. */
  bytesAt(slot: number): number {
    return this.#bytes[slot] as number;
  }

  isDirty(slot: number): boolean {
    return ((this.#marks[slot] as number) & DIRTY) !== 0;
  }

  isDrafted(slot: number): boolean {
    return ((this.#marks[slot] as number) & DRAFTED) !== 0;
  }

  /** Takes a slot that is free. */
  take(slot: number, cell: RecordCell | undefined, encodedBytes: number): void {
    while (this.#cells.length <= slot) this.#cells.push(undefined);
    if (slot >= this.#marks.length) this.#grow(slot);
    this.#bytes[slot] = encodedBytes;
    this.put(slot, cell);
    this.use(slot);
  }

  /** Lets a slot go. */
  free(slot: number): void {
    assert((this.#marks[slot] as number) === 0, "what is changed or held stays");
    this.put(slot, undefined);
  }

  put(slot: number, cell: RecordCell | undefined): void {
    this.#cells[slot] = cell;
    this.#settle(slot);
  }

  setBytes(slot: number, encodedBytes: number): void {
    this.#bytes[slot] = encodedBytes;
  }

  use(slot: number): void {
    this.#used[slot >>> 5] = (this.#used[slot >>> 5] as number) | (1 << slot);
  }

  setDirty(slot: number, isDirty: boolean): void {
    this.#mark(slot, DIRTY, isDirty);
  }

  setDrafted(slot: number, isDrafted: boolean): void {
    this.held += isDrafted ? 1 : -1;
    this.#mark(slot, DRAFTED, isDrafted);
  }

  /** May be pinned several times. */
  pin(slot: number): void {
    const pins = this.#pins.get(slot) ?? 0;
    this.#pins.set(slot, pins + 1);
    this.held++;
    this.#mark(slot, PINNED, true);
  }

  unpin(slot: number): void {
    const pins = this.#pins.get(slot);
    assert(pins !== undefined, "a pin is taken out once");
    this.held--;
    if (pins > 1) this.#pins.set(slot, pins - 1);
    else {
      this.#pins.delete(slot);
      this.#mark(slot, PINNED, false);
    }
  }

  /**
   * Moves the hand over the next few slots, and gives those whose time has come as bits, with the first of the few.
   * `isRound` says that the hand is at its beginning again.
   */
  sweep(): { readonly first: number; readonly due: number; readonly isRound: boolean } {
    const word = this.#hand;
    const evictable = this.#evictable[word] as number;
    const used = this.#used[word] as number;
    this.#used[word] = used & ~evictable;
    this.#hand = (word + 1) * WORD < this.#cells.length ? word + 1 : 0;
    return { first: word * WORD, due: evictable & ~used, isRound: this.#hand === 0 };
  }

  #mark(slot: number, mark: number, isSet: boolean): void {
    const marks = this.#marks[slot] as number;
    this.#marks[slot] = isSet ? marks | mark : marks & ~mark;
    this.#settle(slot);
  }

  #settle(slot: number): void {
    const word = slot >>> 5;
    const bit = 1 << slot;
    const bits = this.#evictable[word] as number;
    const isEvictable = this.#marks[slot] === 0 && this.#cells[slot] !== undefined;
    if (isEvictable === ((bits & bit) !== 0)) return;
    this.#evictable[word] = bits ^ bit;
    this.evictable += isEvictable ? 1 : -1;
  }

  #grow(slot: number): void {
    const capacity = Math.ceil(grownLength(this.#marks.length, slot + 1) / WORD) * WORD;
    this.#marks = grown(this.#marks, new Uint8Array(capacity));
    this.#bytes = grown(this.#bytes, new Uint32Array(capacity));
    this.#evictable = grown(this.#evictable, new Uint32Array(capacity / WORD));
    this.#used = grown(this.#used, new Uint32Array(capacity / WORD));
  }
}

function grown<A extends Uint8Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
