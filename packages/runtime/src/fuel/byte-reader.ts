/**
 * Reads the binary format of WebAssembly. A read past the end, and a number too long, set `failed` and give 0, so a
 * loop over a count must look at it. LEB128 numbers need not be shortest: linkers pad them.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  failed = false;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get more(): boolean {
    return !this.failed && this.at < this.end;
  }

  u8(): number {
    if (this.at >= this.end) return this.#fail();
    return this.bytes[this.at++] as number;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value > 0xffff_ffff ? this.#fail() : value;
    }
    return this.#fail();
  }

  /** A block's type: negative for the shorthands, otherwise an index. */
  s33(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return byte & 0x40 ? value - 2 ** (shift + 7) : value;
    }
    return this.#fail();
  }

  /** Passes over a LEB128 number of at most ten bytes. */
  skipLeb(): void {
    for (let i = 0; i < 10; i++) if (this.u8() < 0x80) return;
    this.#fail();
  }

  skip(count: number): void {
    this.at += count;
    if (this.at > this.end) this.#fail();
  }

  /** `count` bytes, not copied. */
  raw(count: number): Uint8Array {
    const from = this.at;
    this.skip(count);
    return this.failed ? new Uint8Array(0) : this.bytes.subarray(from, this.at);
  }

  /** A number of things, each of at least one byte. */
  count(): number {
    const count = this.u32();
    return count > this.end - this.at ? this.#fail() : count;
  }

  #fail(): 0 {
    this.failed = true;
    this.at = this.end;
    return 0;
  }
}
