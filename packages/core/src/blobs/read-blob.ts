/** Reads a range of a blob, a chunk at a time, each checked against its id; the next ones are read meanwhile. */
import { bytesEqual, must, StoreFailure } from "../base/index.ts";
import type { ChunkFiles } from "./chunk-files.ts";
import { BLOB_CHUNK_BYTES, BLOB_READS_AHEAD } from "./limits.ts";
import { chunkBytes, type Manifest } from "./manifest.ts";

export interface BlobRange {
  readonly start?: number;
  readonly end?: number;
  readonly signal?: AbortSignal;
}

/** SHA-256 of bytes that do not change meanwhile. */
export type Digest = (bytes: Uint8Array) => Promise<Uint8Array>;

export interface BlobReadPorts {
  readonly chunks: Pick<ChunkFiles, "read">;
  readonly digest: Digest;
}

export async function* readBlob(
  ports: BlobReadPorts,
  manifest: Manifest,
  { start = 0, end = manifest.size, signal }: BlobRange,
): AsyncGenerator<Uint8Array> {
  const stop = Math.min(end, manifest.size);
  const reading: Promise<Uint8Array>[] = [];
  let next = Math.floor(start / BLOB_CHUNK_BYTES);
  for (let at = start; at < stop; ) {
    signal?.throwIfAborted();
    while (reading.length <= BLOB_READS_AHEAD && next * BLOB_CHUNK_BYTES < stop) {
      const chunk = readChunk(ports, manifest, next++);
      // Of a chunk that nobody comes to any more, nobody hears.
      chunk.catch(() => {});
      reading.push(chunk);
    }
    const offset = Math.floor(at / BLOB_CHUNK_BYTES) * BLOB_CHUNK_BYTES;
    const bytes = await must(reading.shift(), "a chunk of the range");
    yield bytes.subarray(at - offset, stop - offset);
    at = offset + bytes.length;
  }
}

async function readChunk({ chunks, digest }: BlobReadPorts, manifest: Manifest, index: number): Promise<Uint8Array> {
  const id = must(manifest.chunks[index], "a chunk within the blob");
  const bytes = await chunks.read(id, 0, chunkBytes(manifest, index));
  if (!bytes || !bytesEqual(await digest(bytes), id)) {
    throw new StoreFailure("STORE_CORRUPT", `chunk ${index} of a blob is missing or damaged`);
  }
  return bytes;
}
