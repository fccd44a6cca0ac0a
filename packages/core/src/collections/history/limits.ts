/** Limits of the change log, of feeds and of versions. */

/** Names of fields that one change lists: as many as a local write may make; of what others made, the first ones. */
export const FIELDS_PER_CHANGE_MAX = 1_024;
/** Changes in one row of the change log. */
export const CHANGES_PER_ROW_MAX = 65_536;
/** Bytes of the changes of one row after which the next row begins: far below the 8 MiB of a store's value. */
export const CHANGE_ROW_BYTES_SOFT = 1_048_576;
/** Rows of one commit, which the key has two bytes for. */
export const ROWS_PER_COMMIT_MAX = 65_536;
/** Deltas of one commit: as many as orders are, which have six bytes. */
export const ORDER_MAX = 281_474_976_710_655;
/** Deltas in one batch of a feed: its reader holds one batch at a time. */
export const FEED_BATCH_DELTAS_MAX = 256;
/** Bytes of the deltas in one batch of a feed, unless a single one has more. */
export const FEED_BATCH_BYTES_MAX = 65_536;
/** Rows of the change log that are read at once. */
export const LOG_PAGE_ROWS = 256;
/** Versions in one page of a document's history, unless the caller says else. */
export const HISTORY_LIMIT_DEFAULT = 50;
/** Signed deltas read at once while containers of an earlier version are made: memory stays in the megabytes. */
export const LOG_PAGE_BYTES = 1_000_000;
