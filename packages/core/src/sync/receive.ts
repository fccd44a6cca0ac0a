/** What a frame of deltas came to, in the words of the broadcast: what it brought, and what had waited for that. */
import type { AuthenticDelta } from "../dag/index.ts";
import type { BatchOutcome } from "../replica/index.ts";
import type { Received } from "./broadcast.ts";

export interface Taken extends Received {
  /** What the frame brought, and what it released, in the order of admission. */
  readonly deltas: readonly AuthenticDelta[];
  /** How many of the frame's deltas wait. */
  readonly pending: number;
}

export function takenOf(outcome: BatchOutcome): Taken {
  const isNewByActor = new Map<string, boolean>();
  const broughtKeys = new Set<string>();
  let pending = 0;
  for (const verdict of outcome.verdicts) {
    if (verdict.kind === "refused") continue;
    if (verdict.kind === "pending") pending++;
    const { kind, actorKey, key } = verdict;
    broughtKeys.add(key);
    isNewByActor.set(actorKey, kind !== "duplicate" || isNewByActor.get(actorKey) === true);
  }
  const deltas = outcome.admitted.map(({ delta }) => delta);
  const brought = deltas.filter(({ key }) => broughtKeys.has(key));
  const released = deltas.filter(({ key }) => !broughtKeys.has(key));
  return { isNewByActor, admitted: { brought, released }, deltas, pending };
}
