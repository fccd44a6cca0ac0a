/** Limits of a text container; each is reached by a test. */

/** Elements per cell: small enough to rewrite on an edit (about 1.5 KB), large enough that a cell key is cheap. */
export const BLOCK_UNITS = 1024;

const BLOCK_SHIFT = 10;

/** The block of an element: its counter div BLOCK_UNITS. A shift, since every edit asks several times. */
export function blockIndex(counter: number): number {
  return counter >>> BLOCK_SHIFT;
}

/** Counters live in Int32 columns. Zero is the start of the text, which no element has. */
export const COUNTER_MAX: number = 2 ** 31 - 1;

/**
 * A local insert hangs below no counter above this and takes none above it, so an element that a hostile writer puts
 * at the top of the range cannot use up the counters of others: their text goes beside it. An honest text of 2^30
 * elements is far above what fits in memory.
 */
export const COUNTER_LOCAL_MAX: number = 2 ** 30;

/** Elements inserted by one join: bounds the work of one that must be joined element by element (some 60 B each). */
export const JOIN_INSERTED_MAX: number = 2 ** 20;

/** Elements deleted by one join: a whole text of 16 Mi units, or 16,384 blocks of elements that never come. */
export const JOIN_DELETED_MAX: number = 2 ** 24;

/** Actors named by one join or block: a dictionary entry is 16 bytes, and a run names one. */
export const ACTORS_MAX = 65_536;
