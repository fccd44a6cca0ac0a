/** Whether nodes agree, and where they do not: what one lacks of the others' writes, and the parts of the state. */
import { bytesEqual, bytesToHex } from "@dunlin/core/base";
import type { Replica } from "@dunlin/core/replica";
import { differences, dumpState, type StateField } from "@dunlin/runtime";
import type { AppNode } from "./app-node.ts";

/** Thrown by `assertConverged` and `converge`: the message names the nodes and the parts of the state that differ. */
export class NotConverged extends Error {
  override readonly name = "NotConverged";
}

interface Up {
  readonly node: AppNode;
  readonly replica: Replica;
}

/** Whether all nodes that are up have the same writes and the same state, and nothing left to do. */
export function agree(nodes: readonly AppNode[]): boolean {
  const [first, ...others] = upOf(nodes);
  if (first === undefined || [first, ...others].some(isBusy)) return false;
  return others.every(({ replica }) => hasEqualHeads(first.replica, replica) && hasEqualState(first.replica, replica));
}

/** Why they do not; undefined when they do. */
export function disagreement(nodes: readonly AppNode[], fields: readonly StateField[]): string | undefined {
  const up = upOf(nodes);
  const [first, ...others] = up;
  if (first === undefined) return "no node is up";
  for (const { node, replica } of others) {
    const different = difference(first.replica, replica, fields);
    if (different !== undefined) return `nodes ${first.node.index} and ${node.index} differ: ${different}`;
  }
  const busy = up.find(isBusy);
  if (busy === undefined) return undefined;
  return `node ${busy.node.index} has ${busy.replica.pendingSize} deltas that wait, or handlers still to run`;
}

function upOf(nodes: readonly AppNode[]): Up[] {
  return nodes.flatMap((node) => (node.replica === undefined ? [] : [{ node, replica: node.replica }]));
}

function isBusy({ node, replica }: Up): boolean {
  return replica.pendingSize > 0 || node.calls?.hasOpenHandlers === true;
}

function difference(here: Replica, there: Replica, fields: readonly StateField[]): string | undefined {
  const isSame = hasEqualHeads(here, there);
  if (isSame && hasEqualState(here, there)) return undefined;
  const [ours, theirs] = [here.flushed.count, there.flushed.count];
  const counts = isSame ? "their writes are the same" : `they hold ${ours} and ${theirs} deltas`;
  const parts = differences(dumpState(here.document, fields), dumpState(there.document, fields));
  return [counts, ...parts.map(({ path, here: a, there: b }) => `${path}: ${a} and ${b}`)].join("\n  ");
}

function hasEqualHeads(here: Replica, there: Replica): boolean {
  return here.flushed.count === there.flushed.count && headsOf(here) === headsOf(there);
}

function hasEqualState(here: Replica, there: Replica): boolean {
  return bytesEqual(here.document.root(), there.document.root());
}

function headsOf(replica: Replica): string {
  return replica.flushed.heads.map(bytesToHex).sort().join();
}
