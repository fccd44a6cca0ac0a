export { BlobCache, type BlobCacheOptions, type Eviction } from "./blob-cache.ts";
export { BlobExchange, type BlobExchangePorts } from "./blob-exchange.ts";
export { type BlobFrame, decodeBlobFrame, encodeBlobFrame } from "./blob-frames.ts";
export {
  type BlobErrorCode,
  type BlobInfo,
  BlobStore,
  type BlobStorePorts,
  type PutOptions,
} from "./blob-store.ts";
export { type ChunkFiles, createStoredChunks } from "./chunk-files.ts";
export { BLOB_CHUNK_BYTES, BLOB_EVICTION_INTERVAL_MS } from "./limits.ts";
export { BLOB_BYTES_MAX, blobIdOf, type Manifest, manifestId } from "./manifest.ts";
export type { BlobRange } from "./read-blob.ts";
export { type StoredChunks, storedChunks } from "./stored-chunks.ts";
