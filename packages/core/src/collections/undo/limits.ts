/** Limits of undo: what it keeps in memory. */

/** Steps that can be taken back when the caller says nothing. */
export const UNDO_STEPS_DEFAULT = 200;
/** Transactions closer together than this, in milliseconds, are one step: a word typed, a thing dragged. */
export const UNDO_CAPTURE_MS_DEFAULT = 500;
/** Changes of one step to which a further transaction is added: typing without a pause still becomes several. */
export const UNDO_STEP_CHANGES_MAX = 1_000;
/** Values, characters and containers that stand for others; beyond it the oldest steps may leave more alone. */
export const ALIASES_MAX = 100_000;
/** Documents and containers remembered as changed from elsewhere; beyond it every one counts as changed. */
export const ELSEWHERE_MAX = 100_000;
