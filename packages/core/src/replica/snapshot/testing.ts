/** For tests of joining by a snapshot: one replica takes another's log and pages, without a network. */
import { assert, must } from "../../base/index.ts";
import { hasPrunedForm } from "../../dag/index.ts";
import { auditContext } from "../audit.ts";
import { give, type Member, rowsOf } from "../checkpoint/testing.ts";
import type { Snapshot } from "./joining.ts";

/** Goes through what `from` has, and admits what its checkpoint covers, without payloads: the first `count` of it. */
export async function admitBelow(from: Member, to: Member, count: number = Number.POSITIVE_INFINITY): Promise<void> {
  const { joining } = to.replica.checkpoints;
  const probe = joining.createProbe();
  const taken = probe.take(from.replica.missingFrom(probe.vector, 1e9, "pruned").deltas, to.ports.nowMs);
  assert(taken.kind === "taken", () => JSON.stringify(taken));
  const found = must(probe.find(snapshotOf(from).checkpoint), "a checkpoint in effect");
  const below = probe.below(found);
  joining.allow(below.map(({ key }) => key));
  const { verdicts } = to.replica.admitMany(below.slice(0, count).map(({ bytes }) => bytes));
  assert(
    verdicts.every(({ kind }) => kind !== "refused"),
    () => JSON.stringify(verdicts.find(({ kind }) => kind === "refused")),
  );
  await to.replica.settled();
}

/** What `from` serves. */
export function snapshotOf(from: Member): Snapshot {
  const { base } = must(from.replica.checkpoints.served, "it has a checkpoint");
  return { checkpoint: base.checkpoint, hashes: base.hashes };
}

/** The page of this hash as it travels from `from`. */
export async function pageOf(from: Member, hash: Uint8Array): Promise<Uint8Array> {
  const page = await from.replica.checkpoints.served?.load(hash);
  const sealed = page && from.replica.checkpoints.joining.seal(hash, page);
  return must(sealed, "it serves all pages of its state");
}

/** Fetches what is still missing of the pages. */
export async function fetchPages(from: Member, to: Member, count: number = Number.POSITIVE_INFINITY): Promise<number> {
  const missing = await to.replica.checkpoints.joining.missing(snapshotOf(from).hashes);
  for (const hash of missing.slice(0, count)) {
    assert(to.replica.checkpoints.joining.stage(hash, await pageOf(from, hash)) === "kept", "a page as it is served");
  }
  await to.replica.settled();
  return missing.length;
}

/** All but the pages: what comes without its payload, and the rest as ever. */
export async function takeLog(from: Member, to: Member): Promise<void> {
  const { joining } = to.replica.checkpoints;
  joining.begin();
  await admitBelow(from, to);
  joining.release();
  await give(from, to);
}

/** Joins by what `from` has, from the first step to the last. */
export async function joinBySnapshot(from: Member, to: Member): Promise<void> {
  await takeLog(from, to);
  await fetchPages(from, to);
  const done = await to.replica.checkpoints.joining.finish(snapshotOf(from));
  assert(done.ok, () => (done.ok ? "" : done.error.message));
}

/** The root as the separate reader derives it from a member's store. */
export function auditedRoot({ ports, store, replica, signer }: Member): string {
  const audit = auditContext(ports.crypto, store, replica.context, signer);
  return audit.ok ? audit.value.root : audit.error.code;
}

/** Deltas that are here without their payloads. */
export function prunedCount(member: Member): number {
  return rowsOf(member, "d").filter(([, bytes]) => hasPrunedForm(bytes)).length;
}
