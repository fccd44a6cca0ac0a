/** Whose turn it is to make a checkpoint: one installation's, so that members need not agree on which of two to sign. */
import { bytesEqual, idKey } from "../../base/index.ts";
import type { Checkpoint } from "./checkpoints.ts";
import type { CompactorHost } from "./compactor.ts";

/** Whether the next checkpoint is this installation's: the one that made the last, or else the founder's first. */
export function isProposer(
  { admission, writer }: Pick<CompactorHost, "admission" | "writer">,
  applied: Checkpoint | undefined,
): boolean {
  const { graph, rights } = admission;
  if (applied !== undefined) return idKey(graph.actorOf(applied.order)) === writer.actorKey;
  const founder = rights.memberOf(idKey(graph.actorOf(0)));
  // The genesis has an actor of its own, which writes nothing else.
  for (let order = 1; order < graph.size; order++) {
    const actor = idKey(graph.actorOf(order));
    const member = rights.memberOf(actor);
    if (member !== undefined && founder !== undefined && bytesEqual(member, founder)) return actor === writer.actorKey;
  }
  return false;
}
