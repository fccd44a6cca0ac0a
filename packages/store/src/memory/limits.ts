/** Entries that one load of the asynchronous store brings in: few, so that tests meet many misses. */
export const PAGE_ENTRIES = 32;

/** Pages that it keeps: few, so that tests meet evictions. What one `Miss` asks for is always kept as a whole. */
export const PAGES_MAX = 64;
