/** Limits of the pages of a state. */

/** Cells of one page: it is decoded at once. */
export const STATE_PAGE_CELLS_MAX = 4_096;
/** Keys and values of one page, unless it is one cell: small enough to ask several peers for pages side by side. */
export const STATE_PAGE_BYTES_MAX = 65_536;
/** Key of a cell, as the store takes it beside the context and the table. */
export const CELL_KEY_BYTES_MAX = 1_867;
/** One cell: what a store takes as a value. */
export const CELL_BYTES_MAX = 8_388_608;
