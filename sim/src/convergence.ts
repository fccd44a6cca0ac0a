/** The oracles of the end: healed nodes agree, hold all that was acknowledged, and their stores pass the audit. */
import { bytesToHex } from "@dunlin/core/base";
import { auditContext, type Frontier, type Replica } from "@dunlin/core/replica";
import { type Call, findFault } from "./calls.ts";
import { memoCrypto } from "./memo-crypto.ts";
import type { SimNode } from "./node.ts";
import { lateReceipt } from "./receipts-oracle.ts";
import type { ViolationId } from "./violation.ts";

/** Which oracles judge: `roots` alone is what a naive simulator has, and is there to show what it misses. */
export type Oracles = "all" | "roots";

/** Why healed nodes are not in one state yet; undefined when they are. */
export function disagreement(nodes: readonly SimNode[], oracles: Oracles): string | undefined {
  const [first] = nodes;
  if (!first?.replica) return "node 0 is not open";
  const ours = first.replica.flushed;
  for (const node of nodes) {
    const { replica } = node;
    if (!replica) return `node ${node.index} has not joined`;
    const different = difference(ours, replica.flushed);
    if (different) return `nodes 0 and ${node.index} have different ${different}`;
    const open = oracles === "all" ? unfinished(node, replica, nodes.length - 1) : undefined;
    if (open) return `node ${node.index} ${open}`;
  }
  return undefined;
}

function difference(a: Frontier, b: Frontier): string | undefined {
  if (rootOf(a) !== rootOf(b)) return "roots";
  if (textOf(a) !== textOf(b)) return "heads";
  if (a.count !== b.count) return "numbers of deltas";
  if (a.vector.size !== b.vector.size) return "actors";
  for (const [actor, sequence] of a.vector) if (b.vector.get(actor) !== sequence) return "deltas";
  return undefined;
}

function unfinished(node: SimNode, replica: Replica, peers: number): string | undefined {
  if (replica.pendingSize > 0) return `has ${replica.pendingSize} deltas that wait`;
  if (replica.backlog > 0) return `has ${replica.backlog} that wait for a flush`;
  if (peers > 0 && replica.outboxSize() > 0) return `has ${replica.outboxSize()} deltas in its outbox`;
  const sessions = node.engine?.status(replica.context) ?? [];
  if (sessions.length < peers) return `has ${sessions.length} sessions for ${peers} peers`;
  const other = sessions.find(({ state }) => state !== "in sync");
  return other && `is "${other.state}" with ${other.peer}`;
}

/** What is wrong with nodes that agree. */
export function finalFault(
  nodes: readonly SimNode[],
  calls: readonly Call[],
): { readonly id: ViolationId; readonly message: string } | undefined {
  for (const node of nodes) {
    const { replica, store } = node;
    if (!replica || !store) return { id: "NOT_CONVERGED", message: `node ${node.index} is down` };
    const fault = findFault(calls, replica.document);
    if (fault) return { id: fault.id, message: `at node ${node.index}: ${fault.message}` };
    const audit = auditContext(memoCrypto, store, replica.context, node.signer);
    if (!audit.ok) return { id: "AUDIT", message: `at node ${node.index}: ${audit.error.message}` };
    if (audit.value.root !== rootOf(replica.flushed)) {
      return { id: "AUDIT", message: `at node ${node.index}: the root is not the one from scratch` };
    }
    const late = lateReceipt(replica, replica.flushed.heads, nodes.length);
    if (late) return { id: "RECEIPT_LATE", message: `node ${node.index} ${late}` };
    if (replica.forks > 0) return { id: "APPLIED_TWICE", message: `an actor of node ${node.index} has forked` };
  }
  return undefined;
}

/** Known to all whose calls are done. */
function rootOf({ root }: Frontier): string {
  return root ? bytesToHex(root) : "not known yet";
}

/** Heads without regard to order. */
function textOf({ heads }: Frontier): string {
  return heads.map(bytesToHex).sort().join();
}
