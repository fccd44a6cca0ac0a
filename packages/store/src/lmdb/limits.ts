/** Concurrent readers of one environment: this node's workers and the root's readers, with room. */
export const READERS_MAX = 126;

/** How often a process tries to take a store over when others do the same at once. */
export const LOCK_ATTEMPTS_MAX = 5;
