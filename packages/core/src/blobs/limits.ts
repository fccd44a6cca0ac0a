/** Limits of blobs. */

/** Every chunk of a blob but the last has this size: what existing applications compute their blob ids with. */
export const BLOB_CHUNK_BYTES = 1_048_576;
/** Chunks of one blob: 16 GiB, whose manifest still fits into one frame. */
export const BLOB_CHUNKS_MAX = 16_384;
/** What a chunk is sent in: four times as many pieces as chunks, each well within a frame. */
export const BLOB_PIECE_BYTES = 262_144;
/** Chunks of one blob that are written, or taken away, side by side: hashing goes on while the device flushes. */
export const BLOB_WRITES_IN_FLIGHT_MAX = 4;
/** Chunks of one blob that are read and checked while the one before is handed on: as many as the device takes well. */
export const BLOB_READS_AHEAD = 2;
/** Chunks that one member is asked for before it has sent them: enough to fill a link of 50 ms at 40 MB a second. */
export const BLOB_CHUNKS_IN_FLIGHT_MAX = 2;
/** A member that answers nothing within this is asked no more in this fetch. */
export const BLOB_ANSWER_TIMEOUT_MS = 30_000;
/** A blob in memory goes when nobody read it for this long. */
export const BLOB_CACHE_AGE_MS_DEFAULT = 300_000;
/** Blobs kept in memory. */
export const BLOB_CACHE_COUNT_DEFAULT = 100;
/** Bytes of blobs kept in memory. */
export const BLOB_CACHE_BYTES_DEFAULT = 524_288_000;
/** How often the cache is gone through. */
export const BLOB_EVICTION_INTERVAL_MS = 300_000;
/** Questions of one member that wait for their answer; more are not answered, and asked again elsewhere. */
export const BLOB_QUESTIONS_QUEUED_MAX = 64;
/** A piece that did not fit into a peer's queue is offered again after this. */
export const BLOB_RETRY_MS = 20;
