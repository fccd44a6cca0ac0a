/** Concurrent readers of one environment: this node's workers and the root's readers, with room. */
export const READERS_MAX = 126;

/** Rows that are under way at once while a store is brought up to a new format. */
export const MIGRATION_BATCH_ROWS = 4_096;

/** How often a process tries to take a store over when others do the same at once. */
export const LOCK_ATTEMPTS_MAX = 5;

/** What a commit leaves free on the disk at the least: for locks and logs, and the pages of free space. */
export const ROOM_BYTES_MIN = 4_194_304;

/** Of pages that a row touches beyond its bytes: a leaf, and its share of those above, written anew. */
export const ROOM_PER_ROW_BYTES = 8_192;
