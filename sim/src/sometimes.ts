/** Rare things that a fleet of runs must have met at least once; a fleet that has not does not test them. */
import { DEEDS } from "./traitors/deeds.ts";

/** The runs of the gate of every change: the same each time, so what they have met once they meet again. */
export const OFTEN_RUNS = 12;
/** A fleet: fewer runs may miss something by chance. */
export const SOMETIMES_RUNS = 150;

const OFTEN: readonly string[] = [
  "admit.cascade",
  "admit.duplicate",
  "admit.early_released",
  "admit.merge",
  "admit.pending",
  "admit.refused",
  "call.ACCESS_DENIED",
  "call.APPLICATION_FAILED",
  "call.STORE_WRITE_FAILED",
  "call.TEXT_OUT_OF_RANGE",
  "checkpoint.in_effect",
  "crash.in_flush",
  "crash.survived_untold",
  "disk.failed",
  "handler.APPLICATION_FAILED",
  "handler.ran.author",
  "handler.ran.one",
  "handler.ran.receivers",
  "handler.ran_again",
  "handler.replayed",
  "handler.too_deep",
  "join.SYNC_NOT_CONNECTED",
  "join.by_bearer",
  "join.redeemed",
  "net.cut_by_frame",
  "net.full",
  "net.lost_with_cut",
  "net.sent_in_vain",
  "plan.clock",
  "plan.disk-slow",
  "plan.move",
  "plan.one-way",
  "plan.partition",
  "plan.slow",
  "receipt.replicated",
  "receipt.stable",
  "refused.DELTA_FORBIDDEN",
  "refused.DELTA_UNPROVEN",
  "say.add.ok",
  "say.remove.ok",
  "say.role.ok",
  "sync.pull_timeouts",
  "sync.range_searches",
  "traitor.charged",
  "traitor.cut",
];

const SOMETIMES: readonly string[] = [
  ...DEEDS.map((deed) => `deed.${deed}`),
  "crash.after_failed_flush",
  "equivocation.found",
  "false.checkpoint",
  "false.entries",
  "false.list",
  "false.part",
  "false.state",
  "handler.ACCESS_DENIED",
  "handler.dropped",
  "net.dropped",
  "net.duplicated",
  "net.reordered",
  "refused.DELTA_INVALID",
  "refused.DELTA_MALFORMED",
  "refused.DELTA_PRUNED",
  "say.remove.ACCESS_DENIED",
  "sync.frames_unopened",
  "sync.snapshot_given_up",
  "sync.snapshot_installed",
  "sync.waited_in_vain_DELTA_FORBIDDEN",
];

/** What so many runs must have met. */
export function dueIn(runs: number): readonly string[] {
  if (runs < OFTEN_RUNS) return [];
  return runs < SOMETIMES_RUNS ? OFTEN : [...OFTEN, ...SOMETIMES];
}
