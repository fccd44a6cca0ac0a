/** Limits of deltas and of the graph that they form. Every number a peer picks is clamped by one of these. */

/** A delta on the wire, signature included. It travels in one frame of at most 1 MiB, with room for the frame's own fields. */
export const DELTA_BYTES_MAX = 1_044_480;
/** A node with more heads than this makes a merge before it goes on, so no honest delta needs more parents. */
export const DELTA_PARENTS_MAX = 32;
/** What the tagged extension area may hold in all. */
export const DELTA_EXTENSION_BYTES_MAX = 1_024;
/** A handler's name in a delta's cause. */
export const DELTA_HANDLER_BYTES_MAX = 100;
/** Deltas that wait for parents, per context. The oldest goes first; sync brings it back. */
export const PENDING_DELTAS_MAX = 10_000;
/** Bytes of deltas that wait for parents, per context. */
export const PENDING_BYTES_MAX = 16_777_216;
/** Deltas of one actor that wait: an author who floods pushes out only its own. */
export const PENDING_DELTAS_PER_ACTOR_MAX = 5_000;
/** Missing parents named in one request. */
export const MISSING_FRONTIER_MAX = 256;
