/** Limits of the demonstration. The unit is in the name. */

/** Edits in one call: what the application takes. */
export const EDITS_PER_CALL_MAX = 100;
/** A short history is cut into about so many calls, so that there is something to see and to time. */
export const CALLS_PER_DOCUMENT_WANTED = 800;
/** Text inserted by one edit; a longer one is cut into several. */
export const INSERTED_CHARS_MAX = 16_384;
/** Text inserted by one call: its request and its delta stay far below the node's limits. */
export const CALL_CHARS_MAX = 131_072;
/** Calls of one document that are under way at once, on one connection. */
export const DOCUMENT_CALLS_IN_FLIGHT = 8;
/** Counting and setting of keys that is under way at once, per node. */
export const KEY_CALLS_IN_FLIGHT = 16;
/** Keys that node C writes in all. */
export const KEYS_OF_C = 400;
/** Keys that C sends at once before it is killed. */
export const BURST_KEYS = 64;
/** A document's calls for each count, and for each key, that its node writes beside it. */
export const CALLS_PER_TALLY = 4;
export const CALLS_PER_KEY = 16;
/** Where C is killed, and how much further the others are before it is started again, in parts of all edits. */
export const KILL_AT = 0.5;
export const RESTART_AFTER = 0.15;
/** Edits in all: what is beyond is left out, so that a folder of any size ends within minutes. */
export const EDITS_MAX = 600_000;
/** Histories that are replayed, the longest first. */
export const DOCUMENTS_MAX = 8;

/** How long a node may take to answer at its address. */
export const START_TIMEOUT_MS = 30_000;
/** And to end after it was asked to. */
export const STOP_TIMEOUT_MS = 8000;
/** One request; a join waits for the context's state. */
export const REQUEST_TIMEOUT_MS = 90_000;
/** How long the nodes may take to agree once all is written. */
export const SETTLE_TIMEOUT_MS = 120_000;
/** No call is answered and no node moves for this long: something hangs. */
export const STALL_TIMEOUT_MS = 60_000;
/** Between looks at a file or a node. */
export const POLL_MS = 50;
/** Between looks at what the nodes have sent. */
export const STATUS_INTERVAL_MS = 500;
/** Bursts of C after which it is killed whatever has reached the others. */
export const BURSTS_MAX = 3;
/** And it stays down for at least this long, so that the others notice. */
export const DOWN_MS_MIN = 500;
