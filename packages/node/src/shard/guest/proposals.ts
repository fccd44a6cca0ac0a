/**
 * What stands in a guest's context beside its log: proposals and who approved them, as cells that merge. There is no
 * chain, so a proposal's actions are kept for people and applications to look at, and nothing runs them.
 *
 *   map "calimero.proposals"    id in base58 -> { author, actions }
 *   set "calimero.approvals"    id in base58 and the member's key, with a slash between
 */
import { bytesToBase58 } from "@dunlin/core/base";
import type { Transaction } from "@dunlin/core/crdt";
import type { GuestOutcome } from "@dunlin/runtime";

/** The log of calls. */
export const LOG_FIELD = "calimero.calls";
const PROPOSALS_FIELD = "calimero.proposals";
const APPROVALS_FIELD = "calimero.approvals";

export function writeProposals(transaction: Transaction, changes: GuestOutcome["proposals"]): void {
  const member = bytesToBase58(transaction.origin.member);
  for (const change of changes) {
    const id = bytesToBase58(change.id);
    if (change.kind === "propose") {
      transaction.field("map", PROPOSALS_FIELD).set(id, { author: member, actions: change.actions });
    } else transaction.field("set", APPROVALS_FIELD).add(`${id}/${member}`);
  }
}
