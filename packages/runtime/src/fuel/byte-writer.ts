/** Writes the binary format of WebAssembly: numbers as their shortest LEB128. */
const START_BYTES = 1024;

export class ByteWriter {
  #bytes = new Uint8Array(START_BYTES);
  length = 0;

  u8(...values: readonly number[]): this {
    this.#reserve(values.length);
    for (const value of values) this.#bytes[this.length++] = value;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  u32(value: number): this {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.u8((rest & 0x7f) | 0x80);
    return this.u8(rest);
  }

  /** A signed LEB128 of a number that is not negative. */
  signed(value: number): this {
    let rest = value;
    for (; rest > 0x3f; rest = Math.floor(rest / 128)) this.u8((rest & 0x7f) | 0x80);
    return this.u8(rest);
  }

  /** Bytes with their number before them. */
  sized(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  /** What was written: a view that holds until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
