/**
 * Writing deltas as the own actor: on what is here, and sealed where the context is. Where no epoch may be used, a delta
 * that starts one goes before.
 */
import type { Clock, Random } from "../base/index.ts";
import { AEAD_KEY_BYTES } from "../crypto/index.ts";
import type { Order } from "../dag/index.ts";
import { claimOf } from "./claim.ts";
import type { Staged } from "./commit.ts";
import type { CommitSource } from "./commit-rows.ts";
import { accessEntry, type StampedEntry } from "./own-actor.ts";

export interface OwnWritten {
  readonly staged: readonly Staged[];
  /** The place of the last. */
  readonly tip: Order;
}

export function writeOwn(
  { admission, writer, context }: Pick<CommitSource, "admission" | "writer" | "context">,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  entries: readonly StampedEntry[],
): OwnWritten {
  const { graph, rights, sealing } = admission;
  const staged: Staged[] = [];
  const follow = (): Order[] => rights.parentsFor(writer.signer.publicKey, writer.actorKey);
  const write = (
    written: readonly StampedEntry[],
    parents: readonly Order[],
    key?: ReturnType<typeof keyOn>,
  ): Order => {
    const one = writer.write(graph, parents, context, written, clock.now(), key);
    staged.push({ delta: one.delta, entries: one.entries, local: true });
    return admission.appendTrusted(one.delta, one.place, claimOf(one.delta, one.entries));
  };
  const keyOn = (parents: readonly Order[]) => sealing.keyAfter(parents, graph.tipOf(writer.actorKey));
  const isSealed = entries[0]?.kind === "call" && rights.isSealed;
  if (isSealed && !sealing.keyAfter(follow(), undefined)) {
    write([accessEntry(sealing.epochAfter(follow(), random.bytes(AEAD_KEY_BYTES)))], follow());
  }
  const parents = follow();
  return { tip: write(entries, parents, isSealed ? keyOn(parents) : undefined), staged };
}
