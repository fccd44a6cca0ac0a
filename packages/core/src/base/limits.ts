/** Limits of blocks. What a block may hold is its reader's to say. */

/** Below this a block is not worth the call. */
export const BLOCK_THRESHOLD_BYTES_DEFAULT = 1024;

/** The quickest: on state pages the smallest saves a few hundredths more and takes several times as long. */
export const BLOCK_LEVEL_DEFAULT = 1;

/** Compressed must be at most this part of the bytes, or decompressing is not worth it. */
export const BLOCK_GAIN_MAX = 0.9;

/** Bytes of content for each byte of a stream. Deflate reaches 1032, but for bytes that say nothing. */
export const BLOCK_RATIO_MAX = 256;

/** Bytes of a buffer that short byte strings share: so much at most is held by the last of them that is in use. */
export const PACKED_BUFFER_BYTES = 4096;

/** The longest byte string that shares a buffer: a longer one is worth its own. */
export const PACKED_BYTES_MAX = 1024;
/** Levels of a value as JSON: twice those of a value, since each may have a tag around it. */
export const JSON_DEPTH_MAX = 64;
