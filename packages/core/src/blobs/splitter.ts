/** Cuts a stream of bytes into the chunks of a blob, and sums up what it has cut. */
import { assert } from "../base/index.ts";
import type { Sha256 } from "../crypto/index.ts";
import { BLOB_CHUNK_BYTES } from "./limits.ts";
import { BLOB_BYTES_MAX } from "./manifest.ts";

export class Splitter {
  readonly #hash: Sha256;
  #open = new Uint8Array(0);
  #filled = 0;
  #size = 0;

  /** Sums all bytes up in `hash`. */
  constructor(hash: Sha256) {
    this.#hash = hash;
  }

  /** Whether so many bytes more make the blob larger than any may be. */
  overflows(bytes: number): boolean {
    return this.#size + bytes > BLOB_BYTES_MAX;
  }

  /** Takes bytes in, of which it keeps copies, and gives the chunks that they complete. */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    assert(!this.overflows(bytes.length), "a blob within its limit");
    this.#size += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === 0) this.#open = new Uint8Array(BLOB_CHUNK_BYTES);
      const taken = bytes.subarray(at, at + BLOB_CHUNK_BYTES - this.#filled);
      this.#open.set(taken, this.#filled);
      this.#hash.update(taken);
      this.#filled += taken.length;
      at += taken.length;
      if (this.#filled === BLOB_CHUNK_BYTES) yield this.#cut();
    }
  }

  /** The last chunk, when something is left over, and what all are together. Nothing may follow. */
  finish(): { readonly last: Uint8Array | undefined; readonly size: number; readonly hash: Uint8Array } {
    const last = this.#filled > 0 ? this.#cut() : undefined;
    return { last, size: this.#size, hash: this.#hash.digest() };
  }

  #cut(): Uint8Array {
    const bytes = this.#open.subarray(0, this.#filled);
    this.#filled = 0;
    return bytes;
  }
}
