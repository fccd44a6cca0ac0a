/** Limits of deltas and of the graph that they form. Every number a peer picks is clamped by one of these. */

/** A delta on the wire, signature included. It travels in one frame of at most 1 MiB, with room for the frame's own fields. */
export const DELTA_BYTES_MAX = 1_044_480;
/** A node with more heads than this makes a merge before it goes on, so no honest delta needs more parents. */
export const DELTA_PARENTS_MAX = 32;
/** What the tagged extension area may hold in all. */
export const DELTA_EXTENSION_BYTES_MAX = 1_024;
/** A handler's name in a delta's cause. */
export const DELTA_HANDLER_BYTES_MAX = 100;
/** Deltas that wait for parents or for the clock, per context. The oldest goes first; sync brings it back. */
export const PENDING_DELTAS_MAX = 20_000;
/** Bytes of deltas that wait, per context. */
export const PENDING_BYTES_MAX = 16_777_216;
/** Deltas of one actor that wait: an author who floods pushes out only its own. */
export const PENDING_DELTAS_PER_ACTOR_MAX = 10_000;
/** Bytes of deltas of one actor that wait. */
export const PENDING_BYTES_PER_ACTOR_MAX = 8_388_608;
/** Deltas that wait for an actor nobody here knows yet: they may be anybody's, so they get little room. */
export const PENDING_UNPROVEN_MAX = 1_024;
/** The same of one actor: each is a signature to check once the actor is known. */
export const PENDING_UNPROVEN_PER_ACTOR_MAX = 256;
/** Copies of one delta of an unknown actor, with different signatures: one may be good. */
export const SIGNATURES_PER_UNPROVEN_MAX = 4;
/** What has waited this long for a delta that nobody brings is let go; sync brings it back with what it waits for. */
export const PENDING_STALE_MS = 300_000;
/** Missing parents named in one request. */
export const MISSING_FRONTIER_MAX = 256;
/** Of these, on behalf of one actor: who names parents that do not exist delays nobody else. */
export const MISSING_FRONTIER_PER_ACTOR_MAX = 64;
/** Bytes from a delta whose own signature is not good to the one that vouches for it, so that both fit one frame. */
export const VOUCHING_BYTES_MAX = 524_288;
/** Deltas that vouch for one, each naming the one before: all of them lie within the bytes above. */
export const VOUCHERS_MAX = 8_192;
/** Other copies of waiting deltas, per batch, whose signatures are checked: they cost the sender nothing. */
export const COPIES_CHECKED_PER_BATCH_MAX = 16;
