/** Limits of the sync protocol. */

/** One frame: the transport's own limit. */
export const FRAME_BYTES_MAX = 1_048_576;
/** Deltas in one reply or push go on in the next frame above this. */
export const DELTAS_PAGE_BYTES_SOFT = 262_144;
/** Deltas in one frame, as decoded from anybody. */
export const DELTAS_PER_FRAME_MAX = 4_096;
/** Contexts offered in one frame; more go on in the next. */
export const OFFER_TAGS_MAX = 1_024;
/** Tags that are remembered of one peer: contexts it offered and this node has not opened yet. */
export const PEER_TAGS_MAX = 4_096;
/** Contexts shared with one peer. */
export const PEER_CHANNELS_MAX = 4_096;
/** Actors in one version vector. */
export const VECTOR_ACTORS_MAX = 16_384;
/** Heads named in one frame. */
export const STATE_HEADS_MAX = 1_024;
/** Ids asked for in one frame. */
export const PULL_WANTED_MAX = 256;
/** Deltas that wait for their flush here before the next page is asked for. */
export const PULL_BACKLOG_MAX = 4_096;
/** A pull that is not answered within this is given up, and may be made again. */
export const PULL_TIMEOUT_MS = 10_000;
/** How often what has changed is told to a peer that was not sent it. */
export const TICK_MS = 1_000;
/** How often heads and root are told although nothing changed. */
export const STATE_INTERVAL_MS = 10_000;
/** Deltas that were refused of one peer before its connection is cut. */
export const PEER_REFUSED_MAX = 16;
/** Name of a failure on the wire. */
export const CODE_BYTES_MAX = 64;
/** Other members' nodes told of in one frame. */
export const PEERS_TOLD_MAX = 64;
/** Network addresses of one node. */
export const ADDRESSES_PER_PEER_MAX = 8;
/** One network address or peer id. */
export const ADDRESS_BYTES_MAX = 256;
