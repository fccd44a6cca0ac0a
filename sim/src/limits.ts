/** Limits and figures of the simulator. */

/** Virtual time that a healed cluster has to agree. */
export const HEAL_MAX_MS = 600_000;
/** After they agree nobody may send a delta for this long: a cluster at rest is quiet. */
export const QUIET_MS = 30_000;
/** Where the true clock of every run begins: milliseconds since 1970. */
export const EPOCH_MS = 1_800_000_000_000;
/** How often somebody sees to dead handlers, once all is healed. */
export const HANDLERS_LOOKED_AT_MS = 10_000;
/** How often a joiner asks again. */
export const JOIN_RETRY_MS = 5_000;
/** Runs that shrinking a failing plan may take. */
export const SHRINK_RUNS_MAX = 300;
/** Verdicts on signatures that are remembered: of some hundred runs. */
export const VERDICTS_MAX = 200_000;
