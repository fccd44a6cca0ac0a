/** Limits of a replica: how much one commit takes in, and how much may wait. */

/** Calls that share one delta; the next ones wait for its flush. */
export const CALLS_PER_GROUP_MAX = 256;
/** Entries of one delta's payload, as decoded from anybody. */
export const ENTRIES_PER_DELTA_MAX = 1_024;
/** A group whose entries outgrow this goes on in a further delta of the same commit. */
export const PAYLOAD_BYTES_SOFT = 262_144;
/** One entry: what a single call may write, so that its delta fits a frame. */
export const ENTRY_BYTES_MAX = 786_432;
/** Calls that wait for a place in a group; further ones are refused at once. */
export const CALLS_QUEUED_MAX = 10_000;
/** Events of one call. */
export const EVENTS_PER_ENTRY_MAX = 100;
/** Name of an event. */
export const EVENT_KIND_BYTES_MAX = 100;
/** Payload of an event. */
export const EVENT_DATA_BYTES_MAX = 16_384;
/** A delta stamped further ahead of this clock waits until the clock has come near: delayed, never refused. */
export const DRIFT_MAX_MS = 60_000;
/** Commits that get a root after somebody asked for one: a session asks at least once a second, most ask each time. */
export const ROOTS_KEPT_COMMITS = 256;
/** Commits whose deltas may have to be hashed again when a context is opened. */
export const COMMITS_PER_HASHED_MARK = 128;
/** Pages of the hash tree in one commit: a first set of many goes in parts. */
export const PAGES_PER_COMMIT_MAX = 1_024;
/** How long a member waits at most before it does what any member may do for all, lest all do it at once. */
export const NEED_DELAY_MAX_MS = 3_000;
/** How often what waits is written although nothing is committed, and what has waited in vain is let go of. */
export const PENDING_CLEANING_MS = 60_000;
/** More heads than this that say something are brought together by whoever still sees them after a random delay. */
export const MERGE_HEADS_MIN = 16;
/** Deltas of others that wait for each other before they are committed, however short the window has been. */
export const GATHERED_DELTAS_MAX = 256;
/** Calls of a forked actor that are issued again in one commit; the rest follows in the next. */
export const REISSUED_AT_ONCE_MAX = 256;
