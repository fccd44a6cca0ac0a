/** Limits of a graph. */

/** UTF-8 bytes of the id of a vertex or of a label: an edge's key, of three of them, stays within that of a map entry. */
export const VERTEX_ID_BYTES_MAX = 256;
/** Vertices that one breadth- or depth-first visit gives: what a caller gets at once stays in the megabytes. */
export const VISIT_VERTICES_MAX = 100_000;
