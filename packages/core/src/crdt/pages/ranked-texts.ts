/**
 * Texts of a container in the order of pages, as bytes. Strings lie in memory in the order in which they were made, and
 * to fetch 100,000 of them in another costs more than all else about a page: so they are read once in the order of
 * slots, and each is written to where it belongs. A page's column is then one run of these bytes.
 */
import { assert, type Writer } from "../../base/index.ts";

const encoder = new TextEncoder();
/** Longer texts go through a native call. */
const COPIED_BY_HAND_MAX = 32;
const BYTES_MAX = 0xffff_ffff;
/** For an entry that has no text. */
const NO_TEXT = 0xffff_ffff;

export class RankedTexts {
  /** Length in UTF-16 units, by rank. */
  readonly #units: Uint32Array;
  /** Where the bytes start, by rank. */
  readonly #starts: Uint32Array;
  readonly #bytes: Uint8Array;

  /** `slots` and their `ranks`, place by place; `textAt` gives undefined for a slot whose content is no text. */
  constructor(slots: Uint32Array, ranks: Uint32Array, textAt: (slot: number) => string | undefined) {
    const count = slots.length;
    this.#units = new Uint32Array(count);
    this.#starts = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) {
      const text = textAt(slots[i] as number);
      const rank = ranks[i] as number;
      this.#units[rank] = text === undefined ? NO_TEXT : text.length;
      this.#starts[rank + 1] = text === undefined ? 0 : utf8Length(text);
    }
    this.#bytes = new Uint8Array(sumUp(this.#starts));
    for (let i = 0; i < count; i++) {
      const text = textAt(slots[i] as number);
      if (text !== undefined) this.#put(text, ranks[i] as number);
    }
  }

  has(rank: number): boolean {
    return this.#units[rank] !== NO_TEXT;
  }

  /** Writes the texts of these ranks as a column. */
  write(writer: Writer, from: number, to: number): void {
    const [start, end] = [this.#starts[from] as number, this.#starts[to] as number];
    writer.varint(end - start);
    for (let rank = from; rank < to; rank++) {
      const units = this.#units[rank] as number;
      if (units !== NO_TEXT) writer.varint(units);
    }
    writer.raw(this.#bytes.subarray(start, end));
  }

  #put(text: string, rank: number): void {
    const start = this.#starts[rank] as number;
    const end = this.#starts[rank + 1] as number;
    const bytes = this.#bytes;
    if (end - start !== text.length || text.length > COPIED_BY_HAND_MAX) {
      encoder.encodeInto(text, bytes.subarray(start, end));
    } else {
      for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
    }
  }
}

/** Makes starts of lengths, in place; gives the length of all. */
function sumUp(starts: Uint32Array): number {
  let sum = 0;
  for (let i = 1; i < starts.length; i++) {
    sum += starts[i] as number;
    starts[i] = sum;
  }
  assert(sum <= BYTES_MAX, "the texts of one map have less than 4 GiB");
  return sum;
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) length += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return length;
}
