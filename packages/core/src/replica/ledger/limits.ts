/** Limits of the ledger of handlers. */

/** Handlers that caused each other, one after the other: events beyond this are not handled, and kept as dead. */
export const HANDLER_DEPTH_MAX = 8;
/** Runs of one handler on one event that failed, before it is dead. */
export const HANDLER_ATTEMPTS_MAX = 8;
/** Wait before the second run; each further wait is twice as long. */
export const HANDLER_RETRY_MS = 1_000;
/** The longest wait between two runs. */
export const HANDLER_RETRY_MS_MAX = 300_000;
/** How long the other members wait for the one that is to run a handler, while it is connected to them. */
export const HANDLER_STANDBY_MS = 10_000;
/** How long each of them waits for the one before it, which is connected: longer than that takes until its handler is dead. */
export const HANDLER_TAKE_OVER_MS = 180_000;
/** Entries that are given out at once. */
export const HANDLERS_DUE_MAX = 64;
/** Name of a failure in an entry. */
export const HANDLER_CODE_BYTES_MAX = 64;
