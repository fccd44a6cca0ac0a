/** Rare things that a fleet of runs must have met at least once; a fleet that has not does not test them. */

/** A fleet: fewer runs may miss something by chance. */
export const SOMETIMES_RUNS = 150;

export const SOMETIMES: readonly string[] = [
  "admit.cascade",
  "admit.duplicate",
  "admit.early_released",
  "admit.merge",
  "admit.pending",
  "call.ACCESS_DENIED",
  "call.APPLICATION_FAILED",
  "call.REPLICA_CLOSED",
  "call.TEXT_OUT_OF_RANGE",
  "crash.after_failed_flush",
  "crash.in_flush",
  "crash.survived_untold",
  "disk.failed",
  "join.SYNC_NOT_CONNECTED",
  "join.redeemed",
  "net.cut_by_frame",
  "net.dropped",
  "net.duplicated",
  "net.full",
  "net.lost_with_cut",
  "net.reordered",
  "plan.clock",
  "plan.move",
  "plan.partition",
  "plan.slow",
  "receipt.replicated",
  "receipt.stable",
  "sync.frames_unopened",
  "sync.pull_timeouts",
];
