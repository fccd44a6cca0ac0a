/**
 * Issuing again the elements of texts and lists that the branches of an actor made under one id: as actors that follow
 * from the branches, for all branches alike. So whichever copy of a store is left, it loses nothing, and if all are, they
 * issue the same.
 *
 * What was issued is noted to spare doing so again; forgotten, it would be the same elements once more.
 */
import { actorId, concatBytes, idKey, idKeyToBytes } from "../base/index.ts";
import { ForkedElements, type Transaction } from "../crdt/index.ts";
import { sha256 } from "../crypto/index.ts";
import type { Graph, Order } from "../dag/index.ts";
import { stretchesOf } from "./branches.ts";
import { ENTRY_BYTES_MAX } from "./limits.ts";
import type { LoggedCall } from "./log.ts";

export const DIGEST_BYTES = 8;

interface IssuedElements {
  readonly calls: readonly LoggedCall[];
  /** By the orders of the deltas whose calls they issue again. */
  readonly digests: ReadonlyMap<Order, string>;
  /** Whether there is more than was given room. */
  readonly isRest: boolean;
}

interface Task {
  readonly actorKey: string;
  readonly issued: ReadonlyMap<Order, string>;
  readonly transaction: Transaction;
  readonly room: number;
}

type PlacedCall = LoggedCall & { readonly order: Order };

interface PlacedBranch {
  readonly id: Uint8Array;
  readonly calls: readonly PlacedCall[];
}

interface DeltaAgain {
  readonly order: Order;
  readonly pure: Uint8Array[];
  readonly calls: LoggedCall[];
}

/** Undefined when a delta is not to be had. Withdraws, in the transaction, what has been issued again in full. */
export function issueElements(
  graph: Graph,
  { actorKey, issued, transaction, room }: Task,
  callsAt: (order: Order) => readonly LoggedCall[] | undefined,
): IssuedElements | undefined {
  const branches = branchesOf(graph, actorKey, callsAt);
  if (!branches) return undefined;
  const digests = new Map<Order, string>();
  const calls: LoggedCall[] = [];
  const elements = new ForkedElements(actorId(idKeyToBytes(actorKey)), transaction.origin.member, branches);
  const again = deltasAgain(branches, elements, transaction);
  // What became too large for an entry stays as it is, and so does all of its actor: none is withdrawn in vain.
  const isTooLarge = again.some((delta) => delta.calls.some(({ joins }) => joins.length > ENTRY_BYTES_MAX));
  // Where no element is issued again one may still stand where another does: see `withdraw`.
  if (elements.isEmpty || isTooLarge) return { calls, digests, isRest: false };
  for (const delta of again) {
    const digest = idKey(sha256(concatBytes(...delta.pure)).subarray(0, DIGEST_BYTES));
    if (issued.get(delta.order) === digest) continue;
    if (calls.length > 0 && calls.length + delta.calls.length > room) return { calls, digests, isRest: true };
    calls.push(...delta.calls);
    digests.set(delta.order, digest);
  }
  elements.withdraw(transaction);
  return { calls, digests, isRest: false };
}

function branchesOf(
  graph: Graph,
  actorKey: string,
  callsAt: (order: Order) => readonly LoggedCall[] | undefined,
): PlacedBranch[] | undefined {
  const branches: PlacedBranch[] = [];
  for (const { id, orders } of stretchesOf(graph, actorKey)) {
    const calls: PlacedCall[] = [];
    for (const order of orders) {
      const logged = callsAt(order);
      if (!logged) return undefined;
      for (const call of logged) calls.push({ ...call, order });
    }
    branches.push({ id, calls });
  }
  return branches;
}

/** The deltas of which something is issued again, branch by branch. */
function deltasAgain(
  branches: readonly PlacedBranch[],
  elements: ForkedElements,
  transaction: Transaction,
): DeltaAgain[] {
  if (elements.isEmpty) return [];
  const byOrder = new Map<Order, DeltaAgain>();
  const reissued = elements.reissued(transaction);
  for (const [i, { calls }] of branches.entries()) {
    for (const [k, { order, stamp }] of calls.entries()) {
      const again = reissued[i]?.[k];
      if (again === undefined) continue;
      const delta = byOrder.get(order) ?? { order, pure: [], calls: [] };
      byOrder.set(order, delta);
      delta.pure.push(again.pure);
      delta.calls.push({ stamp, joins: again.joins });
    }
  }
  return [...byOrder.values()];
}
