/** Limits of acknowledgements. */

/** Actors in one acknowledgement: 16 for each of a thousand members. */
export const ACKNOWLEDGED_ACTORS_MAX = 16_384;
/** Installations whose acknowledgements are kept: those of members alone, the longest silent goes first. */
export const ACKNOWLEDGERS_MAX = 1_024;
/** Calls that wait for a receipt at once. */
export const RECEIPT_WAITERS_MAX = 10_000;
