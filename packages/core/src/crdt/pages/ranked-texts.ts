/**
 * Texts of a container in the order of pages, as bytes. Strings lie in memory in the order in which they were made, and
 * to fetch 100,000 of them in another costs more than all else about a page: so each is read once, in the order of
 * slots, and its bytes are put where they belong when the length of all is known. A page's column is then one run.
 */
import { assert, type Writer } from "../../base/index.ts";

const encoder = new TextEncoder();
/** Longer texts go through a native call. */
const COPIED_BY_HAND_MAX = 32;
const BYTES_PER_UNIT_MAX = 3;
const BYTES_MAX = 0xffff_ffff;
/** For an entry that has no text. */
const NO_TEXT = 0xffff_ffff;
const BYTES_INITIAL = 4096;

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
    const found = new FoundTexts();
    for (let i = 0; i < count; i++) {
      const text = textAt(slots[i] as number);
      const rank = ranks[i] as number;
      this.#units[rank] = text === undefined ? NO_TEXT : text.length;
      this.#starts[rank + 1] = text === undefined ? 0 : found.add(text);
    }
    this.#bytes = new Uint8Array(sumUp(this.#starts));
    let from = 0;
    for (let i = 0; i < count; i++) {
      const rank = ranks[i] as number;
      const start = this.#starts[rank] as number;
      const length = (this.#starts[rank + 1] as number) - start;
      copy(found.bytes, from, this.#bytes, start, length);
      from += length;
    }
  }

  has(rank: number): boolean {
    return this.#units[rank] !== NO_TEXT;
  }

  /** Of a rank that has a text. */
  unitsAt(rank: number): number {
    return this.#units[rank] as number;
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
}

/** The UTF-8 of texts, one after another. */
class FoundTexts {
  bytes: Uint8Array = new Uint8Array(BYTES_INITIAL);
  #length = 0;

  /** How many bytes it has. */
  add(text: string): number {
    const room = this.#length + text.length * BYTES_PER_UNIT_MAX;
    if (room > this.bytes.length) this.#grow(room);
    const length = putAscii(this.bytes, this.#length, text)
      ? text.length
      : encoder.encodeInto(text, this.bytes.subarray(this.#length)).written;
    this.#length += length;
    return length;
  }

  #grow(room: number): void {
    const grown = new Uint8Array(Math.max(room, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.#length));
    this.bytes = grown;
  }
}

/** False when the text is long or not ASCII. */
function putAscii(into: Uint8Array, start: number, text: string): boolean {
  if (text.length > COPIED_BY_HAND_MAX) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return false;
    into[start + i] = unit;
  }
  return true;
}

function copy(from: Uint8Array, fromAt: number, into: Uint8Array, intoAt: number, length: number): void {
  if (length > COPIED_BY_HAND_MAX) into.set(from.subarray(fromAt, fromAt + length), intoAt);
  else for (let i = 0; i < length; i++) into[intoAt + i] = from[fromAt + i] as number;
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
