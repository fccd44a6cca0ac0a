/** Limits of a node. */

/** Bytes of frames that wait for one peer between the shard and the network; above it the peer is behind. */
export const OUTBOUND_BYTES_PER_PEER_MAX = 16_777_216;
/** Wall time of one call beyond its limit before the worker that it holds up is replaced. */
export const CALL_GRACE_MS = 1_000;
/** How often a call that may have overrun is looked for. */
export const WATCHDOG_INTERVAL_MS = 100;
/** A shard that has not flushed and closed within this is ended: what was acknowledged is on disk. */
export const CLOSE_DEADLINE_MS = 10_000;
/** A join that has not brought the context's state within this is reported as not finished. */
export const JOIN_TIMEOUT_MS = 30_000;
/** An invitation without a term of its own: 7 days. */
export const INVITATION_VALID_MS = 604_800_000;
/** Characters of an invitation as base58 text. */
export const INVITATION_CHARS_MAX = 8_192;
/** Nodes learnt from members that are kept connected, beside the configured ones. */
export const LEARNT_PEERS_MAX = 256;
/** Addresses of one of them: what members may tell of one. */
export const ADDRESSES_PER_LEARNT_PEER_MAX = 8;
/** Contexts that one of them is remembered to share: what decides whom to keep connected. */
export const CONTEXTS_PER_LEARNT_PEER_MAX = 1_024;
/** A group of so many known nodes is fully connected: each delta then goes straight from its author to all. */
export const MESH_PEERS_MAX = 20;
/** Of a larger group a node dials so many, at random: with those that dial it about twice as many neighbours. */
export const NEIGHBOURS_PER_GROUP = 4;
/** A neighbour that cannot be reached for so long gives its place to another. */
export const NEIGHBOUR_STALE_MS = 60_000;
/** Between a change of the learnt addresses and its write: a member that tells new ones all the time costs no more. */
export const PEER_BOOK_SAVE_MS = 1_000;
/** The file of learnt addresses, at its limits; a larger one is not ours. */
export const PEER_BOOK_BYTES_MAX = 1_048_576;
/** A store that failed to write is opened again after this, and after twice as long each time that it fails again. */
export const STORE_RETRY_FIRST_MS = 1_000;
export const STORE_RETRY_MAX_MS = 30_000;
/** A store that has not failed for so long begins with the shortest wait. */
export const STORE_STABLE_MS = 60_000;
/** A worker that dies more often than this within a minute is not started again. */
export const SHARD_RESTARTS_PER_MINUTE_MAX = 30;
/** Forked actors that the status of a context names: the first ones. */
export const EQUIVOCATIONS_TOLD_MAX = 16;
/** How long a shard takes in messages before flushes and timers have their turn. */
export const TURN_MS = 10;
/** Rows that are measured of a context between two turns of others. */
export const STORED_ROWS_PER_TURN_MAX = 4_096;
/** Files that the recorded calls are spread over: with the oldest goes a part of so many. */
export const RECORDING_SEGMENTS = 8;
/** Bytes of one of them that is read back: what the largest setting makes, and a call more. */
export const RECORDING_SEGMENT_BYTES_MAX = 268_435_456;
/** Uploads of blobs at once. */
export const BLOB_UPLOADS_MAX = 64;
/** Bytes of a blob in one message between the threads: a chunk. */
export const BLOB_READ_BYTES_MAX = 1_048_576;
/** How long a request waits for a blob that members are asked for. */
export const BLOB_FETCH_TIMEOUT_MS = 60_000;
/** Files of one backup: a terabyte of blobs in chunks of a mebibyte. */
export const BACKUP_FILES_MAX = 1_048_576;
/** Characters of a path in a backup: a folder and a name that is an id. */
export const BACKUP_PATH_CHARS_MAX = 128;
/** Bytes of the list of a backup's files, at the limits above. */
export const BACKUP_MANIFEST_BYTES_MAX = 268_435_456;
/** How often a copy of the store is taken anew because blobs of it went while they were copied. */
export const BACKUP_ATTEMPTS_MAX = 4;
/** A context that nobody called and nothing was committed in for so long is closed, when no connected peer shares it. */
export const CONTEXT_IDLE_MS = 60_000;
