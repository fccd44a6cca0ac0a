/** Cuts a stream of bytes into the chunks of a blob, and sums up what it has cut. */
import { assert, type ChunkId, chunkId } from "../base/index.ts";
import type { Crypto, Sha256 } from "../crypto/index.ts";
import { BLOB_CHUNK_BYTES } from "./limits.ts";
import { BLOB_BYTES_MAX, type Manifest } from "./manifest.ts";

export interface Chunk {
  readonly id: ChunkId;
  readonly bytes: Uint8Array;
}

export class Splitter {
  readonly #crypto: Pick<Crypto, "sha256">;
  readonly #hash: Sha256;
  readonly #chunks: ChunkId[] = [];
  #open = new Uint8Array(0);
  #filled = 0;
  #size = 0;

  constructor(crypto: Pick<Crypto, "sha256" | "createSha256">) {
    this.#crypto = crypto;
    this.#hash = crypto.createSha256();
  }

  /** Bytes taken in so far. */
  get size(): number {
    return this.#size;
  }

  /** Whether so many bytes more make the blob larger than any may be. */
  overflows(bytes: number): boolean {
    return this.#size + bytes > BLOB_BYTES_MAX;
  }

  /** Takes bytes in, and gives the chunks that they complete. */
  *push(bytes: Uint8Array): Generator<Chunk> {
    assert(!this.overflows(bytes.length), "a blob within its limit");
    this.#hash.update(bytes);
    this.#size += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === 0) this.#open = new Uint8Array(BLOB_CHUNK_BYTES);
      const taken = Math.min(bytes.length - at, BLOB_CHUNK_BYTES - this.#filled);
      this.#open.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === BLOB_CHUNK_BYTES) yield this.#cut();
    }
  }

  /** The last chunk, when something is left over, and the manifest of all. Nothing may follow. */
  finish(): { readonly last: Chunk | undefined; readonly manifest: Manifest } {
    const last = this.#filled > 0 ? this.#cut() : undefined;
    return { last, manifest: { size: this.#size, hash: this.#hash.digest(), chunks: this.#chunks } };
  }

  #cut(): Chunk {
    const bytes = this.#open.subarray(0, this.#filled);
    const id = chunkId(this.#crypto.sha256(bytes));
    this.#chunks.push(id);
    this.#filled = 0;
    return { id, bytes };
  }
}
