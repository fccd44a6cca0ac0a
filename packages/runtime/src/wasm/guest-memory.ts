/**
 * A guest's memory as the host sees it: every pointer and length that a guest names is checked here, and what is read
 * is copied. A guest may grow its memory between any two host calls, which detaches the old buffer.
 */

/** Bytes of a guest's memory, within its bounds when they were named. */
export interface Slice {
  readonly at: number;
  readonly length: number;
}

export class GuestMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #refuse: () => never;
  #bytes: Uint8Array;
  #view: DataView;

  /** `refuse` throws what a call ends with that names bytes outside of the memory. */
  constructor(memory: WebAssembly.Memory, refuse: () => never) {
    this.#memory = memory;
    this.#refuse = refuse;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
  }

  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  /** All of it, until it grows. */
  bytes(): Uint8Array {
    if (this.#bytes.byteLength === 0 || this.#bytes.buffer !== this.#memory.buffer) {
      this.#bytes = new Uint8Array(this.#memory.buffer);
      this.#view = new DataView(this.#memory.buffer);
    }
    return this.#bytes;
  }

  /** The bytes that two numbers of a guest name, unsigned 64-bit however they are signed. */
  slice(pointer: bigint, length: bigint): Slice {
    const at = BigInt.asUintN(64, pointer);
    const size = BigInt.asUintN(64, length);
    if (at + size > BigInt(this.bytes().byteLength)) return this.#refuse();
    return { at: Number(at), length: Number(size) };
  }

  /** A pair of a pointer and a length, each 8 bytes, at an address. */
  sliceAt(pointer: bigint): Slice {
    const { at } = this.slice(pointer, 16n);
    return this.slice(this.#view.getBigUint64(at, true), this.#view.getBigUint64(at + 8, true));
  }

  u64(pointer: bigint): bigint {
    const { at } = this.slice(pointer, 8n);
    return this.#view.getBigUint64(at, true);
  }

  u32(pointer: bigint): number {
    const { at } = this.slice(pointer, 4n);
    return this.#view.getUint32(at, true);
  }

  read({ at, length }: Slice): Uint8Array {
    return this.bytes().slice(at, at + length);
  }

  write({ at, length }: Slice, bytes: Uint8Array): void {
    if (bytes.length > length) this.#refuse();
    this.bytes().set(bytes, at);
  }
}
