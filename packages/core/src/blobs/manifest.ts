/**
 * What a blob is made of: its chunks by their hashes.
 *
 *   chunk id = SHA-256 of the chunk's bytes; every chunk but the last has BLOB_CHUNK_BYTES, and none is empty
 *   blob id  = SHA-256 of the chunk ids, one behind the other; of no bytes at all, of nothing
 *
 *   manifest: u8 1 ‖ varint size ‖ 32 hash of all bytes ‖ size / BLOB_CHUNK_BYTES rounded up, times 32: chunk ids
 *
 * The id proves the chunks, and a chunk its bytes. Size and hash are the sender's word until the last chunk is there:
 * the size may be wrong within that chunk, which the fetch finds, and the hash only names the content to people.
 * Refused: another count of chunks than the size says, and a blob over the limit.
 */
import { type BlobId, blobId, type ChunkId, chunkId, concatBytes, ID_BYTES, Reader, Writer } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import { BLOB_CHUNK_BYTES, BLOB_CHUNKS_MAX } from "./limits.ts";

const FORMAT = 1;
export const BLOB_BYTES_MAX: number = BLOB_CHUNK_BYTES * BLOB_CHUNKS_MAX;

export interface Manifest {
  /** Bytes in all. */
  readonly size: number;
  /** SHA-256 of all bytes. */
  readonly hash: Uint8Array;
  readonly chunks: readonly ChunkId[];
}

export function manifestId(crypto: Pick<Crypto, "sha256">, manifest: Pick<Manifest, "chunks">): BlobId {
  return blobId(crypto.sha256(concatBytes(...manifest.chunks)));
}

/** The id of a blob of these bytes. */
export function blobIdOf(crypto: Pick<Crypto, "sha256">, bytes: Uint8Array): BlobId {
  const chunks: ChunkId[] = [];
  for (let at = 0; at < bytes.length; at += BLOB_CHUNK_BYTES) {
    chunks.push(chunkId(crypto.sha256(bytes.subarray(at, at + BLOB_CHUNK_BYTES))));
  }
  return manifestId(crypto, { chunks });
}

/** How many bytes the chunk of that index has. */
export function chunkBytes(manifest: Pick<Manifest, "size">, index: number): number {
  return Math.min(BLOB_CHUNK_BYTES, manifest.size - index * BLOB_CHUNK_BYTES);
}

export function encodeManifest(manifest: Manifest): Uint8Array {
  const writer = new Writer(64 + manifest.chunks.length * ID_BYTES);
  writer.u8(FORMAT).varint(manifest.size).raw(manifest.hash);
  for (const chunk of manifest.chunks) writer.raw(chunk);
  return writer.toBytes();
}

/** The manifest, or undefined when the bytes are not the canonical form of one. Copies: keeps no input. */
export function decodeManifest(bytes: Uint8Array): Manifest | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT) return undefined;
  const size = reader.varint();
  const hash = reader.raw(ID_BYTES).slice();
  if (size > BLOB_BYTES_MAX) return undefined;
  const chunks: ChunkId[] = [];
  for (let at = 0; at < size && !reader.failed; at += BLOB_CHUNK_BYTES) {
    const id = reader.raw(ID_BYTES).slice();
    if (!reader.failed) chunks.push(chunkId(id));
  }
  return reader.finish() ? { size, hash, chunks } : undefined;
}
