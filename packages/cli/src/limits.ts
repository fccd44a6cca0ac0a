/** Limits of the command line. The unit is in the name. */

/** How long a command waits for a node's answer; a join may take a minute on the node's side. */
export const REQUEST_TIMEOUT_MS = 90_000;
/** A node on this machine that has not opened a socket by then is not there. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** `api.json` and `token`: written by ourselves. */
export const HOME_FILE_BYTES_MAX = 4096;
/** How long the nodes of `dunlin dev` may take to hold the same: generous, since a page or a test may keep them busy. */
export const AGREE_TIMEOUT_MS = 30_000;
/** Between two looks at them. */
export const AGREE_POLL_MS = 20;
/** Between two lines that tell how far a backup is. */
export const PROGRESS_INTERVAL_MS = 2_000;
