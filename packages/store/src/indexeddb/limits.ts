import { VALUE_BYTES_MAX } from "../shared/limits.ts";

/** A page is cut when its rows take more bytes: a commit rewrites whole pages, a load reads them. */
export const PAGE_BYTES_MAX: number = 32 * 1024;

/** Below this a page that lost rows is joined with its neighbour, so that deletions give pages back. */
export const PAGE_BYTES_MIN: number = 8 * 1024;

/** Two pages are joined up to this many bytes: room for some growth before they are cut again. */
export const JOINED_BYTES_MAX: number = 24 * 1024;

/** Bytes of pages that are kept loaded, unless the caller says otherwise. A transaction's own pages may exceed it. */
export const CACHE_BYTES_DEFAULT: number = 64 * 1024 * 1024;

/** Pages that one load reads ahead of a range with a limit, before it counts their rows. */
export const PAGES_PER_READ: number = 8;

/** Commits whose changed pages are on record: a tab that is further behind drops all its pages. */
export const CHANGES_KEPT: number = 256;

/** Rows in one page at most: what a decoder takes, far above what fits. */
export const ROWS_PER_PAGE_MAX: number = 65_536;

/** How long a tab keeps its turn after its last write: longer than between two keystrokes. */
export const TURN_KEPT_MS = 1000;

/** How long a tab that holds on is waited for: one that is closing lets go within moments. */
export const BLOCKED_WAIT_MS = 3000;

/** One page when it is unpacked: a row of the longest key and value, and what a page adds. */
export const PAGE_UNPACKED_BYTES_MAX: number = VALUE_BYTES_MAX + 16_384;
