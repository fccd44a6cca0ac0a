/** The oracles of the end: healed nodes agree, hold all that was acknowledged, and their stores pass the audit. */

import { bytesToHex, idKey } from "@dunlin/core/base";
import type { Document } from "@dunlin/core/crdt";
import { verifyEquivocation } from "@dunlin/core/dag";
import { auditContext, type Frontier, type Replica } from "@dunlin/core/replica";
import { nodeOf } from "@dunlin/core/simulation";
import { type Call, findFault, isThere } from "./calls.ts";
import { effectsIn } from "./events.ts";
import { effectsFault } from "./handlers.ts";
import { memoCrypto } from "./memo-crypto.ts";
import type { SimNode } from "./node.ts";
import { lateReceipt } from "./receipts-oracle.ts";
import type { Fault } from "./violation.ts";

const WRITER_RANK = 2;

/** Which oracles judge: `roots` alone is what a naive simulator has, and is there to show what it misses. */
export type Oracles = "all" | "roots";

export interface Parties {
  readonly nodes: readonly SimNode[];
  /** Who must end in one state: honest nodes of members. The founder is among them. */
  readonly agreeing: ReadonlySet<number>;
  /** Nobody is a traitor and nobody lost a right: then nothing is left waiting. */
  readonly isPeaceful: boolean;
  readonly isLinked: (a: number, b: number) => boolean;
  /** Whether what this node acknowledged must be there. */
  readonly isOwed: (node: number) => boolean;
}

/** Why healed nodes are not in one state yet; undefined when they are. */
export function disagreement(parties: Parties, oracles: Oracles): string | undefined {
  const first = parties.nodes[0]?.replica;
  if (!first) return "node 0 is not open";
  for (const node of parties.nodes) {
    if (node.traitor) continue;
    const { replica } = node;
    if (!replica) return `node ${node.index} has not joined`;
    if (!parties.agreeing.has(node.index)) continue;
    const different = difference(first.flushed, replica.flushed) ?? differentAccess(first, replica);
    if (different) return `nodes 0 and ${node.index} have different ${different}`;
    const open = oracles === "all" ? unfinished(node, replica, parties) : undefined;
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

function differentAccess(a: Replica, b: Replica): string | undefined {
  const [ours, theirs] = [a.access(), b.access()];
  if (!isSame(ours.rankByMember, theirs.rankByMember)) return "members";
  return ours.senior === theirs.senior ? undefined : "seniors";
}

function isSame(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
}

function unfinished(node: SimNode, replica: Replica, parties: Parties): string | undefined {
  const { agreeing, isPeaceful, isLinked } = parties;
  const peers = [...agreeing].filter((other) => other !== node.index && isLinked(node.index, other));
  if (isPeaceful && replica.pendingSize > 0) return `has ${replica.pendingSize} deltas that wait`;
  if (replica.checkpoints.joining.isOn) return "is joining by a snapshot";
  if (replica.backlog > 0) return `has ${replica.backlog} that wait for a flush`;
  if (peers.length > 0 && replica.outboxSize() > 0) return `has ${replica.outboxSize()} deltas in its outbox`;
  const unhandled = mustHandle(node, parties) ? node.handlers.unfinished(isPeaceful) : undefined;
  if (unhandled) return unhandled;
  const sessions = (node.engine?.status(replica.context) ?? []).filter(({ peer }) => peers.includes(nodeOf(peer)));
  if (sessions.length < peers.length) return `has ${sessions.length} sessions for ${peers.length} peers`;
  const other = sessions.find(({ state }) => state !== "in sync");
  return other && `is "${other.state}" with ${other.peer}`;
}

/** What is wrong with nodes that agree, and with the stores of those who need not. */
export function finalFault(parties: Parties, calls: readonly Call[]): Fault | undefined {
  const judged = calls.map((call) => {
    const isExcused = call.fate === "acknowledged" && !parties.isOwed(call.node);
    return isExcused ? { ...call, fate: "unknown" as const } : call;
  });
  for (const node of parties.nodes) {
    if (node.traitor) continue;
    const { replica, store } = node;
    if (!replica || !store) return { id: "NOT_CONVERGED", message: `node ${node.index} is down` };
    const at = (fault: Fault | undefined) => fault && { ...fault, message: `at node ${node.index}: ${fault.message}` };
    const isAgreeing = parties.agreeing.has(node.index);
    const fault = at(isAgreeing ? findFault(judged, replica.document) : undefined) ?? at(auditFault(node, replica));
    if (fault) return fault;
    const isTold = parties.isPeaceful && isAgreeing;
    const late = isTold && lateReceipt(replica, replica.flushed.heads, parties.agreeing.size);
    if (late) return { id: "RECEIPT_LATE", message: `node ${node.index} ${late}` };
    const honestFault = at(equivocationFault(replica, parties) ?? handledFault(node, replica, parties, calls));
    if (honestFault) return honestFault;
  }
  return undefined;
}

/** Whether it may write, and always could: what it was told it has handled in the end. */
function mustHandle({ index, signer }: SimNode, { nodes, agreeing, isOwed }: Parties): boolean {
  const rank = nodes[0]?.replica?.access().rankByMember.get(idKey(signer.publicKey)) ?? 0;
  return rank >= WRITER_RANK && agreeing.has(index) && isOwed(index);
}

function handledFault(
  node: SimNode,
  { document }: Replica,
  parties: Parties,
  calls: readonly Call[],
): Fault | undefined {
  if (!parties.agreeing.has(node.index)) return undefined;
  const wrong = effectsFault(document, (call) => calls[call]?.node);
  if (wrong || !mustHandle(node, parties)) return wrong;
  const had = new Set(effectsIn(document).map(({ name }) => name));
  const lost = node.handlers.lost(had) ?? (parties.isPeaceful ? unhandledByAny(calls, document, had) : undefined);
  return lost === undefined ? undefined : { id: "HANDLED_NEVER", message: lost };
}

/** An event that one of all is to handle, and none did. */
function unhandledByAny(calls: readonly Call[], document: Document, had: ReadonlySet<string>): string | undefined {
  const handled = new Set([...had].map((name) => name.split(" ", 2).join(" ")));
  const lost = calls.find((call) => {
    const isOwed = call.told?.policy === "one" && call.told.course !== "silent" && isThere(call, document);
    return isOwed && !handled.has(`${call.id} one`);
  });
  return lost && `nobody has handled the event of call ${lost.id}`;
}

function auditFault({ store, signer }: SimNode, replica: Replica): Fault | undefined {
  // Who was let in by somebody who was not to may never hear anything.
  if (!store || replica.flushed.count === 0) return undefined;
  const audit = auditContext(memoCrypto, store, replica.context, signer);
  if (!audit.ok) return { id: "AUDIT", message: audit.error.message };
  const { root } = replica.flushed;
  // Nobody asked a node that is not spoken to any more.
  return !root || audit.value.root === bytesToHex(root)
    ? undefined
    : { id: "AUDIT", message: "the root is not the one from scratch" };
}

/** Only traitors equivocate, and of each that does there is a proof. */
function equivocationFault(replica: Replica, { nodes }: Parties): Fault | undefined {
  const fault = (message: string): Fault => ({ id: "EQUIVOCATION", message });
  const traitors = nodes.filter(({ traitor }) => traitor).map(({ signer }) => idKey(signer.publicKey));
  if (replica.forks > 0 && traitors.length === 0) return fault("an actor has forked");
  const found = replica.equivocations();
  const actors = new Set(found.map(({ actor }) => idKey(actor)));
  for (const { traitor } of nodes) {
    for (const { actor, written } of traitor?.forger.masks ?? []) {
      const there = written.filter(({ key }) => replica.has(key)).map(({ prevKey }) => prevKey);
      if (new Set(there).size < there.length && !actors.has(idKey(actor))) return fault("an equivocation is not found");
    }
  }
  for (const [i, { member }] of found.entries()) {
    if (!traitors.includes(idKey(member))) return fault("an honest member is said to have equivocated");
    const proof = replica.proveEquivocation(i);
    if (!proof.ok) return fault(proof.error.message);
    const verified = verifyEquivocation(memoCrypto, proof.value);
    if (!verified.ok) return fault(verified.error.message);
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
