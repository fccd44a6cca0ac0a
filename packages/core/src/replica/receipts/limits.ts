/** Limits of acknowledgements. */

/** Actors in one acknowledgement: 16 for each of a thousand members. */
export const ACKNOWLEDGED_ACTORS_MAX = 16_384;
/** One acknowledgement: as many actors with the longest sequence numbers, and what stands around them. */
export const ACKNOWLEDGEMENT_BYTES_MAX = 524_288;
/** Installations whose acknowledgements are kept: those of members alone, the longest silent goes first. */
export const ACKNOWLEDGERS_MAX = 1_024;
/** Of one member: as many as it may write from. Its own longest silent goes first, and nobody else's. */
export const ACKNOWLEDGERS_PER_MEMBER_MAX = 16;
/** Calls that wait for a receipt at once: each is looked at with every acknowledgement. */
export const RECEIPT_WAITERS_MAX = 1_000;
