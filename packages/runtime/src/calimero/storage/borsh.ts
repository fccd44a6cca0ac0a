/** Borsh, as far as artifacts use it: little-endian integers, lengths of 32 bits, tags of 8. */
import { Writer } from "@dunlin/core/base";

export class BorshReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether everything was read, and nothing refused. */
  get isDone(): boolean {
    return !this.failed && this.#at === this.#bytes.length;
  }

  u8(): number {
    return this.#has(1) ? (this.#bytes[this.#at++] as number) : 0;
  }

  u32(): number {
    if (!this.#has(4)) return 0;
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  u64(): bigint {
    if (!this.#has(8)) return 0n;
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8, true);
  }

  /** A copy. */
  fixed(length: number): Uint8Array {
    if (!this.#has(length)) return new Uint8Array(0);
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  bytes(): Uint8Array {
    return this.fixed(this.u32());
  }

  /** A number of things, each of at least so many bytes. */
  count(bytesEach: number): number {
    const count = this.u32();
    if (count * bytesEach > this.#bytes.length - this.#at) return this.fail();
    return this.failed ? 0 : count;
  }

  /** An option's flag. */
  flag(): boolean {
    const flag = this.u8();
    if (flag > 1) this.fail();
    return flag === 1;
  }

  fail(): 0 {
    this.failed = true;
    return 0;
  }

  #has(length: number): boolean {
    if (this.#at + length > this.#bytes.length) this.failed = true;
    return !this.failed;
  }
}

export class BorshWriter {
  readonly #writer = new Writer();

  u8(value: number): this {
    this.#writer.u8(value);
    return this;
  }

  u32(value: number): this {
    this.#writer.u8(value & 0xff);
    this.#writer.u8((value >>> 8) & 0xff);
    this.#writer.u8((value >>> 16) & 0xff);
    this.#writer.u8(value >>> 24);
    return this;
  }

  u64(value: bigint): this {
    const low = BigInt.asUintN(32, value);
    return this.u32(Number(low)).u32(Number(BigInt.asUintN(32, value >> 32n)));
  }

  fixed(bytes: Uint8Array): this {
    this.#writer.raw(bytes);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).fixed(bytes);
  }

  toBytes(): Uint8Array {
    return this.#writer.toBytes();
  }
}
