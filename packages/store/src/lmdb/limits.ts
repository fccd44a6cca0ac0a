/** Concurrent readers of one environment: this node's workers and the root's readers, with room. */
export const READERS_MAX = 126;

/** Rows that are under way at once while a store is brought up to a new format. */
export const MIGRATION_BATCH_ROWS = 4_096;

/** How often a process tries to take a store over when others do the same at once. */
export const LOCK_ATTEMPTS_MAX = 5;
