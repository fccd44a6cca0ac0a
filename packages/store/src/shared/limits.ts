/** Entries per tree node: more make copies of a path dearer, fewer make the tree deeper. */
export const FANOUT_MAX = 32;

/** The longest key in bytes. LMDB takes 1978 with pages of 4 KiB; the rest is room for prefixes of later formats. */
export const KEY_BYTES_MAX = 1900;

/** The longest value in bytes: the largest delta with room; blobs are files, not values. */
export const VALUE_BYTES_MAX: number = 8 * 1024 * 1024;
