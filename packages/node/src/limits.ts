/** Limits of a node. */

/** Bytes of frames that wait for one peer between the shard and the network; above it the peer is behind. */
export const OUTBOUND_BYTES_PER_PEER_MAX = 16_777_216;
/** Wall time of one call beyond its limit before the worker that it holds up is replaced. */
export const CALL_GRACE_MS = 1_000;
/** How often a call that may have overrun is looked for. */
export const WATCHDOG_INTERVAL_MS = 100;
/** A join that has not brought the context's state within this is reported as not finished. */
export const JOIN_TIMEOUT_MS = 30_000;
/** An invitation without a term of its own: 7 days. */
export const INVITATION_VALID_MS = 604_800_000;
/** Characters of an invitation as base58 text. */
export const INVITATION_CHARS_MAX = 8_192;
/** Nodes learnt from members that are kept connected, beside the configured ones. */
export const LEARNT_PEERS_MAX = 256;
/** A worker that dies more often than this within a minute is not started again. */
export const SHARD_RESTARTS_PER_MINUTE_MAX = 30;
