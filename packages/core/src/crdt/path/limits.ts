/** Limits of paths. */

/** Segments of a path: each below the first costs a hash to name its container, so a path stays in the microseconds. */
export const PATH_SEGMENTS_MAX = 64;
/** Containers that one observer follows: what it keeps in memory stays in the megabytes. */
export const OBSERVED_CONTAINERS_MAX = 16_384;
