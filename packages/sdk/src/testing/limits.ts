/** Figures of a simulation. Times are virtual, in milliseconds. */

/** Nodes of one simulation: above that a run is slow, and says no more. */
export const NODES_MAX = 25;
/** Where the true clock of every run begins: milliseconds since 1970. */
export const EPOCH_MS = 1_800_000_000_000;
/** How long nodes may take to agree, and a call to be answered. */
export const PATIENCE_MS = 600_000;
/** Time that runs between two looks at whether what is waited for has come. */
export const STEP_MS = 50;
/** How often a node that has not joined asks again. */
export const JOIN_RETRY_MS = 500;
/** Of real time, for one call: a loop without end in an application fails the test instead of holding it up. */
export const CALL_TIME_MS = 10_000;
