/**
 * The oracle of receipts: what a node says to be at another was told there after its flush, and once all is healed it
 * says so of everything.
 *
 * It asks the receipts of a node's newest deltas whenever the node has taken in an acknowledgement.
 */
import { type DeltaId, idKey, idToText } from "@dunlin/core/base";
import type { Replica } from "@dunlin/core/replica";
import type { Counts } from "@dunlin/core/simulation";
import type { ViolationId } from "./violation.ts";

export interface ReceiptsPorts {
  readonly counts: Counts;
  /** Keys of what each honest member's node has told of, by the member's `idKey`: what it was seen to flush. */
  readonly toldByMember: ReadonlyMap<string, ReadonlySet<string>>;
  readonly blame: (id: ViolationId, message: string) => void;
}

/** The newest deltas: older ones were asked about when they were new. */
const ASKED = 3;

export function watchReceipts(ports: ReceiptsPorts, replica: Replica): void {
  const { receipts, graph } = replica;
  const onProgress = receipts.onProgress.bind(receipts);
  const take = receipts.take.bind(receipts);
  let isAnyNew = false;
  receipts.take = (bytes) => {
    const taken = take(bytes);
    if (taken.ok && taken.value.isNew) isAnyNew = true;
    return taken;
  };
  receipts.onProgress = () => {
    onProgress();
    if (!isAnyNew) return;
    isAnyNew = false;
    for (let order = Math.max(0, graph.size - ASKED); order < graph.size; order++) {
      checkReceipt(ports, replica, graph.idOf(order));
    }
  };
}

function checkReceipt({ counts, toldByMember, blame }: ReceiptsPorts, replica: Replica, id: DeltaId): void {
  const receipt = replica.receipts.of(id);
  if (!receipt.ok) return blame("RECEIPT_FALSE", `a delta that is here has no receipt: ${receipt.error.message}`);
  const { replicated, stable, members } = receipt.value;
  if (replicated > 0) counts.add("receipt.replicated");
  if (stable) counts.add("receipt.stable");
  const order = replica.graph.orderOf(idKey(id));
  const author = order === undefined ? undefined : replica.memberOf(idKey(replica.graph.actorOf(order)));
  // Of a traitor that speaks twice in one place, others hold another delta until it is found out.
  if (!author || !toldByMember.has(idKey(author))) return;
  for (const member of members) {
    const told = toldByMember.get(idKey(member));
    // Of no honest node: a traitor signs what it likes.
    if (told && !told.has(idKey(id)))
      blame("RECEIPT_FALSE", `${idToText(member)} is said to have flushed a delta, and has not`);
  }
}

/** What a healed node's receipts do not say of these deltas; undefined when they say that every member has them. */
export function lateReceipt(replica: Replica, deltas: readonly DeltaId[], members: number): string | undefined {
  for (const id of deltas) {
    const receipt = replica.receipts.of(id);
    if (!receipt.ok) return "has no receipt of a head";
    const { persisted } = receipt.value;
    const others = receipt.value.members.filter((member) => idKey(member) !== idKey(replica.member)).length;
    if (!persisted || others < members - 1) return `knows of ${others} members who have a head, of ${members - 1}`;
  }
  return undefined;
}
