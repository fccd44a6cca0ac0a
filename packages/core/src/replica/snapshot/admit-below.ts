/** Admitting what a checkpoint in effect covers, as a log without payloads brought it. */
import type { Replica } from "../replica.ts";
import { SNAPSHOT_DELTAS_PER_TURN } from "./limits.ts";
import type { Probe } from "./probe.ts";

/**
 * Resolves once it is durable; from then on the rest is pulled. In turns, so that a stop in between loses little; a delta
 * that only a later one proves comes to its turn with that one.
 */
export async function admitBelow(
  replica: Pick<Replica, "checkpoints" | "inTurn" | "admitMany" | "settled">,
  below: ReturnType<Probe["below"]>,
): Promise<void> {
  const { joining } = replica.checkpoints;
  joining.allow(below.map(({ key }) => key));
  let unproven: Uint8Array[] = [];
  for (let at = 0; at < below.length; at += SNAPSHOT_DELTAS_PER_TURN) {
    const batch = [...unproven, ...below.slice(at, at + SNAPSHOT_DELTAS_PER_TURN).map(({ bytes }) => bytes)];
    const { verdicts } = await replica.inTurn(() => replica.admitMany(batch));
    unproven = batch.filter((_, index) => verdicts[index]?.kind === "refused");
    await replica.settled();
  }
  joining.release();
}
