/** Reads a range of a blob, a chunk at a time, each checked against its id. */
import { bytesEqual, must, StoreFailure } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import type { ChunkFiles } from "./chunk-files.ts";
import { BLOB_CHUNK_BYTES } from "./limits.ts";
import type { Manifest } from "./manifest.ts";

export interface BlobRange {
  readonly start?: number;
  readonly end?: number;
  readonly signal?: AbortSignal;
}

export async function* readBlob(
  { chunks, crypto }: { readonly chunks: ChunkFiles; readonly crypto: Pick<Crypto, "sha256"> },
  manifest: Manifest,
  { start = 0, end = manifest.size, signal }: BlobRange,
): AsyncGenerator<Uint8Array> {
  const stop = Math.min(end, manifest.size);
  for (let at = start; at < stop; ) {
    signal?.throwIfAborted();
    const index = Math.floor(at / BLOB_CHUNK_BYTES);
    const id = must(manifest.chunks[index], "a chunk within the blob");
    const bytes = await chunks.read(id);
    if (!bytes || !bytesEqual(crypto.sha256(bytes), id)) {
      throw new StoreFailure("STORE_CORRUPT", `chunk ${index} of a blob is missing or damaged`);
    }
    const offset = index * BLOB_CHUNK_BYTES;
    yield bytes.subarray(at - offset, stop - offset);
    at = offset + bytes.length;
  }
}
