/**
 * The rows of blobs in the store. Every key begins with the blob store's prefix and a table byte:
 *
 *   'm' blob id               u8 0 whole | 1 being fetched ‖ manifest
 *   'c' chunk id              varint: manifests that name the chunk
 *   'l' blob id ‖ context id  empty: the context has the blob
 *   'r' blob id ‖ context id  empty: a field of the context's state refers to the blob, here or not; nobody is given it for that
 *   'x' context id ‖ blob id  empty: the same, by context
 */
import { type BlobId, type ChunkId, type ContextId, concatBytes, Reader, Writer } from "../base/index.ts";
import { decodeManifest, encodeManifest, type Manifest } from "./manifest.ts";

export type BlobTable = "m" | "c" | "l" | "r" | "x";

export interface ManifestRow {
  readonly manifest: Manifest;
  /** Whether all of its chunks are here. */
  readonly whole: boolean;
}

export function blobTable(prefix: Uint8Array, table: BlobTable): Uint8Array {
  return concatBytes(prefix, Uint8Array.of(table.charCodeAt(0)));
}

export function manifestKey(prefix: Uint8Array, blob: BlobId): Uint8Array {
  return concatBytes(blobTable(prefix, "m"), blob);
}

export function countKey(prefix: Uint8Array, chunk: ChunkId): Uint8Array {
  return concatBytes(blobTable(prefix, "c"), chunk);
}

export function linkKey(prefix: Uint8Array, blob: BlobId, context?: ContextId): Uint8Array {
  return concatBytes(blobTable(prefix, "l"), blob, context ?? new Uint8Array(0));
}

export function referenceKey(prefix: Uint8Array, blob: BlobId, context?: ContextId): Uint8Array {
  return concatBytes(blobTable(prefix, "r"), blob, context ?? new Uint8Array(0));
}

export function referredKey(prefix: Uint8Array, context: ContextId, blob?: BlobId): Uint8Array {
  return concatBytes(blobTable(prefix, "x"), context, blob ?? new Uint8Array(0));
}

export function encodeManifestRow(row: ManifestRow): Uint8Array {
  return concatBytes(Uint8Array.of(row.whole ? 0 : 1), encodeManifest(row.manifest));
}

/** The row, or undefined when it is damaged. */
export function decodeManifestRow(bytes: Uint8Array): ManifestRow | undefined {
  const state = bytes[0];
  if (state !== 0 && state !== 1) return undefined;
  const manifest = decodeManifest(bytes.subarray(1));
  return manifest && { manifest, whole: state === 0 };
}

export function encodeCount(count: number): Uint8Array {
  return new Writer(8).varint(count).toBytes();
}

/** The count, or undefined when the row is damaged. */
export function decodeCount(bytes: Uint8Array): number | undefined {
  const reader = new Reader(bytes);
  const count = reader.varint();
  return reader.finish() && count > 0 ? count : undefined;
}
