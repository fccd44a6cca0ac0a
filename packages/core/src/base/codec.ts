/**
 * The canonical codec: what every id hashes and every signature covers.
 *
 * Little-endian, no padding, one encoding per value. Integers are unsigned LEB128 varints up to 2^53-1 in their
 * shortest form; lengths and counts precede what they measure. A decoder that accepts bytes re-encodes to the same
 * bytes, so a second form of the same value is refused.
 *
 * `Reader` fails once and stays failed: after the first bad read every read yields a zero value, and `finish()` says
 * whether all was well and nothing is left. So decoders are straight lines without a check per field, and never throw.
 * Counts are checked against the bytes that remain, so a loop over one is bounded by the input.
 */
import { asciiText, SHORT_CHARS_MAX } from "./ascii.ts";
import { assert } from "./assert.ts";
import { EMPTY_BYTES } from "./bytes.ts";
import { packBytes, wholeWords } from "./packed.ts";

const INITIAL_CAPACITY = 256;
const VARINT_BYTES_MAX = 8;
/** What four bytes of a varint hold. */
const VARINT_SPLIT = 0x1000_0000;
/** Up to here a loop is cheaper than the call of a native copy; where that needs a new array too, up to twice that. */
const COPIED_BY_HAND_MAX = 32;
const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  /** Made at the first use, for packed copies alone. */
  #words: Int32Array | undefined;
  #length = 0;

  constructor(capacity: number = INITIAL_CAPACITY) {
    this.#bytes = new Uint8Array(wholeWords(capacity));
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** Forgets what was written and keeps the buffer, for the next use. */
  reset(): void {
    this.#length = 0;
  }

  /** Forgets what was written after the first `length` bytes. */
  truncate(length: number): void {
    assert(length <= this.#length, "a writer is cut back, never on");
    this.#length = length;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    const length = this.#length;
    if (length > COPIED_BY_HAND_MAX * 2) return this.#bytes.slice(0, length);
    const copy = new Uint8Array(length);
    for (let i = 0; i < length; i++) copy[i] = this.#bytes[i] as number;
    return copy;
  }

  /** A copy in a buffer with others: for what is kept in great number. */
  toPacked(): Uint8Array {
    this.#words ??= new Int32Array(this.#bytes.buffer);
    return packBytes(this.#words, this.#length);
  }

  /** What was written, without a copy: valid until the next write or reset. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  u8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  u16(value: number): this {
    this.#reserve(2);
    this.#view.setUint16(this.#length, value, true);
    this.#length += 2;
    return this;
  }

  u32(value: number): this {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  f64(value: number): this {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
    return this;
  }

  /** An unsigned safe integer in its shortest form. */
  varint(value: number): this {
    this.#reserve(VARINT_BYTES_MAX);
    const bytes = this.#bytes;
    let at = this.#length;
    let rest = value;
    if (rest >>> 0 !== rest) {
      if (!Number.isSafeInteger(rest) || rest < 0) assert(false, `varint out of range: ${value}`);
      // Beyond 32 bits arithmetic is on floats, and four bytes cost one division instead of four.
      const low = rest % VARINT_SPLIT;
      rest = (rest - low) / VARINT_SPLIT;
      bytes[at++] = (low & 0x7f) | 0x80;
      bytes[at++] = ((low >>> 7) & 0x7f) | 0x80;
      bytes[at++] = ((low >>> 14) & 0x7f) | 0x80;
      bytes[at++] = (low >>> 21) | 0x80;
    }
    // Most are small, and whole numbers of 32 bits are shifted.
    for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
    bytes[at++] = rest;
    this.#length = at;
    return this;
  }

  /** Bytes of a length that the reader knows. */
  raw(bytes: Uint8Array): this {
    const { length } = bytes;
    this.#reserve(length);
    const [into, at] = [this.#bytes, this.#length];
    if (length > COPIED_BY_HAND_MAX) into.set(bytes, at);
    else for (let i = 0; i < length; i++) into[at + i] = bytes[i] as number;
    this.#length += length;
    return this;
  }

  /** A varint length, then the bytes. */
  bytes(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }

  /** A varint length in bytes, then well-formed UTF-8. Refused by assertion: a lone surrogate. */
  string(text: string): this {
    if (text.length <= SHORT_CHARS_MAX && this.#shortAscii(text)) return this;
    assert(text.isWellFormed(), "text with a lone surrogate has no UTF-8 form");
    return this.bytes(encoder.encode(text));
  }

  /** Well-formed UTF-8 of a length that the reader knows. Refused by assertion: a lone surrogate. */
  utf8(text: string): this {
    if (text.length <= SHORT_CHARS_MAX && this.#ascii(text, this.#length)) return this;
    assert(text.isWellFormed(), "text with a lone surrogate has no UTF-8 form");
    return this.raw(encoder.encode(text));
  }

  /** One length byte and one byte a character; false, with nothing written, when a character is not ASCII. */
  #shortAscii(text: string): boolean {
    const at = this.#length;
    if (!this.#ascii(text, at + 1)) return false;
    this.#bytes[at] = text.length;
    return true;
  }

  /** One byte a character from offset `start` on; false, with nothing written, when a character is not ASCII. */
  #ascii(text: string, start: number): boolean {
    const end = start + text.length;
    this.#reserve(end - this.#length);
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[start + i] = code;
    }
    this.#length = end;
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(wholeWords(Math.max(needed, this.#bytes.length * 2)));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
    this.#words = undefined;
  }
}

export class Reader {
  #bytes: Uint8Array;
  /** Made at the first use, for floats alone: it costs more than most inputs. */
  #lazyView: DataView | undefined;
  #at = 0;
  #failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Begins anew with other bytes. */
  reset(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#lazyView = undefined;
    this.#at = 0;
    this.#failed = false;
  }

  /** The offset of the next byte. */
  get at(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Marks the input malformed: every later read yields a zero value. */
  fail(): void {
    this.#failed = true;
    this.#at = this.#bytes.length;
  }

  /** True when every read was well and nothing is left over. */
  finish(): boolean {
    return !this.#failed && this.#at === this.#bytes.length;
  }

  /** The next byte without taking it; -1 when there is none. */
  peek(): number {
    return this.#at < this.#bytes.length ? (this.#bytes[this.#at] as number) : -1;
  }

  /** What was read since offset `start`, as a view of the input. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#at);
  }

  u8(): number {
    return this.#has(1) ? (this.#bytes[this.#at++] as number) : 0;
  }

  u16(): number {
    if (!this.#has(2)) return 0;
    const at = this.#at;
    this.#at = at + 2;
    return this.#byte(at) + this.#byte(at + 1) * 0x100;
  }

  u32(): number {
    if (!this.#has(4)) return 0;
    const at = this.#at;
    this.#at = at + 4;
    const low = this.#byte(at) + this.#byte(at + 1) * 0x100;
    return low + this.#byte(at + 2) * 0x1_0000 + this.#byte(at + 3) * 0x100_0000;
  }

  f64(): number {
    if (!this.#has(8)) return 0;
    this.#at += 8;
    return this.#view().getFloat64(this.#at - 8, true);
  }

  /** An unsigned safe integer; fails on a longer form than needed and above 2^53-1. */
  varint(): number {
    // Nine in ten are one byte.
    const first = this.peek();
    if (first >= 0 && first < 0x80) {
      this.#at++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      if (!this.#has(1)) return 0;
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if ((byte === 0 && i > 0) || value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 0x80;
    }
    this.fail();
    return 0;
  }

  /** As many varints of 16 bits as `into` has room for from `at` up to `end`. */
  varints16(into: Uint16Array, at: number, end: number): void {
    const bytes = this.#bytes;
    let from = this.#at;
    for (let i = at; i < end; i++) {
      const byte = from < bytes.length ? (bytes[from] as number) : 0x80;
      if (byte < 0x80) {
        into[i] = byte;
        from++;
        continue;
      }
      this.#at = from;
      const value = this.varint();
      if (value > 0xffff) this.fail();
      if (this.#failed) return;
      into[i] = value;
      from = this.#at;
    }
    this.#at = from;
  }

  /** A varint at most `max`, of items that take at least `bytesEach` bytes each: a bound for loops. */
  count(max: number, bytesEach = 1): number {
    const value = this.varint();
    if (value <= max && value * bytesEach <= this.remaining) return value;
    this.fail();
    return 0;
  }

  /** `length` bytes, as a view of the input. */
  raw(length: number): Uint8Array {
    if (!this.#has(length)) return EMPTY_BYTES;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** As many bytes as `known` has: `known` itself when they are equal, which spares a view; else a view of the input. */
  rawLike(known: Uint8Array): Uint8Array {
    if (known.length > this.remaining) return this.raw(known.length);
    for (let i = 0; i < known.length; i++) {
      if (this.#bytes[this.#at + i] !== known[i]) return this.raw(known.length);
    }
    this.#at += known.length;
    return known;
  }

  /** Takes these bytes when they come next, and nothing otherwise. */
  takes(known: Uint8Array): boolean {
    if (known.length > this.remaining) return false;
    for (let i = 0; i < known.length; i++) if (this.#bytes[this.#at + i] !== known[i]) return false;
    this.#at += known.length;
    return true;
  }

  /** A varint length at most `max`, then the bytes, as a view of the input. */
  bytes(max: number): Uint8Array {
    return this.raw(this.count(max));
  }

  /** A varint length in bytes at most `maxBytes`, then well-formed UTF-8. */
  string(maxBytes: number): string {
    return this.utf8(this.count(maxBytes));
  }

  /** Well-formed UTF-8 of `length` bytes. */
  utf8(length: number): string {
    if (length > this.remaining) this.fail();
    if (this.#failed) return "";
    const short = length <= SHORT_CHARS_MAX ? this.#shortAscii(length) : undefined;
    if (short !== undefined) return short;
    const bytes = this.raw(length);
    try {
      return strictDecoder.decode(bytes);
    } catch {
      this.fail();
      return "";
    }
  }

  /** Text of `length` ASCII characters, which are there; undefined, with nothing taken, when one is not ASCII. */
  #shortAscii(length: number): string | undefined {
    const start = this.#at;
    const end = start + length;
    let highest = 0;
    for (let i = start; i < end; i++) highest |= this.#bytes[i] as number;
    if (highest > 0x7f) return undefined;
    this.#at = end;
    return asciiText(this.#bytes, start, end);
  }

  #byte(at: number): number {
    return this.#bytes[at] as number;
  }

  #view(): DataView {
    const bytes = this.#bytes;
    this.#lazyView ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#lazyView;
  }

  #has(length: number): boolean {
    if (this.#at + length <= this.#bytes.length) return true;
    this.fail();
    return false;
  }
}
