/** Limits of checkpoints. */

/** Heads that a checkpoint names: whoever sees more merges them by a write first. */
export const CHECKPOINT_HEADS_MAX = 1_024;
/** Deltas beyond the last checkpoint from which a new one is worth its work, when nobody asks for one. */
export const DELTAS_PER_CHECKPOINT = 4_096;
/** Cells looked at in one turn while a state is cut into pages: other work comes between. */
export const CELLS_PER_TURN = 2_048;
/** Deltas joined in one turn while a state is derived again. */
export const DELTAS_PER_TURN = 256;
