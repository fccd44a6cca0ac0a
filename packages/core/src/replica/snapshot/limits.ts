/** Limits of joining by a snapshot. */
import { CELL_BYTES_MAX, CELL_KEY_BYTES_MAX } from "../../crdt/index.ts";

/** Deltas that a peer has more than this replica from which it joins by a snapshot, if it holds fewer itself. */
export const SNAPSHOT_DELTAS_MIN = 2_048;
/** One page of a state as it travels: more than `STATE_PAGE_BYTES_MAX` only when it is a single cell. */
export const SNAPSHOT_PAGE_BYTES_MAX: number = CELL_BYTES_MAX + CELL_KEY_BYTES_MAX + 128;
/** A log without payloads, as it is gone through to find a checkpoint: two million deltas. Larger ones are pulled. */
export const SNAPSHOT_LOG_BYTES_MAX = 402_653_184;
/** Deltas below a checkpoint that are admitted in one turn. */
export const SNAPSHOT_DELTAS_PER_TURN = 512;
