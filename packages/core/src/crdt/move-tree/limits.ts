/** Limits of a movable tree. */

/** UTF-8 bytes of a node's id: two of them and a separator stay within the key of an entry. */
export const NODE_ID_BYTES_MAX = 256;
/** Characters of a position: room for some 1600 nodes that are each put between the two before, the worst order. */
export const POSITION_CHARS_MAX = 1000;
/** Nodes in one page of a walk: what a caller gets at once stays in the megabytes. */
export const WALK_PAGE_NODES_MAX = 10_000;
