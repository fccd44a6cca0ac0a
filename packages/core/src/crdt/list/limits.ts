/** Limits of a list; each is reached by a test. */

/** Elements per cell of items: a value may be large, and one edit rewrites the cell. */
export const BLOCK_ITEMS = 64;

const BLOCK_SHIFT = 6;

/** The block of an element: its counter div BLOCK_ITEMS. */
export function itemBlockIndex(counter: number): number {
  return counter >>> BLOCK_SHIFT;
}

/** Actors named by one block or join beside its owner: some 4000 members with 16 each. */
export const LIST_ACTORS_MAX = 65_536;
