/** Whether nodes agree, and where they do not: what one lacks of the others' writes, and the parts of the state. */
import { bytesEqual, bytesToHex } from "@dunlin/core/base";
import type { Replica } from "@dunlin/core/replica";
import { differences, dumpState, type StateField } from "@dunlin/runtime";
import type { AppCalls } from "./app-calls.ts";
import type { AppNode } from "./app-node.ts";

/** Thrown by `assertConverged` and `converge`: the message names the nodes and the parts of the state that differ. */
export class NotConverged extends Error {
  override readonly name = "NotConverged";
}

/** One context at a node that is up and has joined it. */
interface Up {
  readonly index: number;
  readonly replica: Replica;
  readonly calls: AppCalls;
}

/** Whether all nodes that are up have the same writes and the same state, and nothing left to do. */
export function agree(nodes: readonly AppNode[]): boolean {
  if (nodes.some(({ isFollowing }) => isFollowing)) return false;
  return placesOf(nodes).every((place) => {
    const [first, ...others] = upOf(nodes, place);
    if (first === undefined || [first, ...others].some(isBusy)) return false;
    return others.every(
      ({ replica }) => hasEqualHeads(first.replica, replica) && hasEqualState(first.replica, replica),
    );
  });
}

/** Why they do not; undefined when they do. */
export function disagreement(nodes: readonly AppNode[]): string | undefined {
  for (const place of placesOf(nodes)) {
    const why = disagreementIn(
      upOf(nodes, place),
      nodes[0]?.contexts[place]?.application.engine.description.state ?? [],
    );
    if (why !== undefined) return why;
  }
  return undefined;
}

function disagreementIn(up: readonly Up[], fields: readonly StateField[]): string | undefined {
  const [first, ...others] = up;
  if (first === undefined) return "no node is up";
  for (const { index, replica } of others) {
    const different = difference(first.replica, replica, fields);
    if (different !== undefined) return `nodes ${first.index} and ${index} differ: ${different}`;
  }
  const busy = up.find(isBusy);
  if (busy === undefined) return undefined;
  return `node ${busy.index} has ${busy.replica.pendingSize} deltas that wait, or handlers still to run`;
}

/** Of the contexts that every node has. */
function placesOf(nodes: readonly AppNode[]): number[] {
  return [...(nodes[0]?.contexts.keys() ?? [])];
}

function upOf(nodes: readonly AppNode[], place: number): Up[] {
  return nodes.flatMap(({ index, contexts }) => {
    const { replica, calls } = contexts[place] ?? {};
    return replica === undefined || calls === undefined ? [] : [{ index, replica, calls }];
  });
}

function isBusy({ replica, calls }: Up): boolean {
  return replica.pendingSize > 0 || calls.hasOpenHandlers;
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
