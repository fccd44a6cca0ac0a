/** Limits of a simulated run. */

/** Events of one run: a livelock ends here instead of never. */
export const EVENTS_MAX = 50_000_000;
