/** Limits of the pass that meters modules. */

/** Of a module before it is metered: that of the guest ABI. */
export const MODULE_BYTES_MAX: number = 10 * 1024 * 1024;
/** Memory that a module may ask for: 64 MiB, that of the guest ABI. */
export const MEMORY_PAGES_MAX = 1024;
/** Elements of a table, which a module may grow to: a large program has some thousand functions. */
export const TABLE_ELEMENTS_MAX = 65_536;
export const TABLES_MAX = 16;
/** Each that can be set is put back before a call. */
export const GLOBALS_MAX = 1000;
/** Native stack of one frame, beside its locals and operands. */
export const FRAME_BASE_BYTES = 64;
/** A function that calls nothing and has a frame of at most this many bytes is not counted as depth. */
export const LEAF_FRAME_BYTES_MAX = 1024;
/** Bytes or elements that a bulk instruction moves for one unit of fuel, as a shift: 16. */
export const BULK_SHIFT = 4;
