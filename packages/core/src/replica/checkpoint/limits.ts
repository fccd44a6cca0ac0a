/** Limits of checkpoints. */

/** Heads that a checkpoint names: whoever sees more merges them by a write first. */
export const CHECKPOINT_HEADS_MAX = 1_024;
/** Deletions since the last checkpoint from which a new one may be worth its work, when nobody asks for one. */
export const DELETIONS_PER_CHECKPOINT = 4_096;
/** Of so many cells written since then one must have been a deletion: what a checkpoint costs goes with what was written. */
export const DELETED_SHARE = 4;
/** A log that has grown by so many times what a snapshot is joined from is due for the next one. */
export const JOINS_PER_CHECKPOINT = 8;
/** Cells looked at in one turn while a state is compacted: other work comes between. */
export const CELLS_PER_TURN = 2_048;
/** Cells that are read at a time while a state is cut into pages: of few pages of a store that loads them. */
export const CELLS_PER_READ = 128;
/** Deltas joined in one turn while a state is derived again. */
export const DELTAS_PER_TURN = 256;
/** Pages of one state: what lists them stays within the row that a store takes. */
export const STATE_PAGES_MAX = 65_536;
/** From one derivation of the state anew to the next, twice as long after each that found nothing: a peer may lie about roots. */
export const MEND_SPACING_MS = 60_000;
/** The longest of these. */
export const MEND_SPACING_MAX_MS = 86_400_000;
