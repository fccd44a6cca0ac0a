/** For tests of joining by a snapshot: one replica takes another's log and pages, without a network. */
import { assert, must } from "../../base/index.ts";
import { hasPrunedForm } from "../../dag/index.ts";
import { auditContext } from "../audit.ts";
import { type Member, rowsOf } from "../checkpoint/testing.ts";
import type { Snapshot } from "./joining.ts";

/** Pulls all that `from` has, as whoever joins by a snapshot takes it. */
export async function pullLight(from: Member, to: Member): Promise<void> {
  const { deltas } = from.replica.missingFrom(to.replica.vector(), 1e9, "light");
  const { verdicts } = to.replica.admitMany(deltas);
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

/** The page of this hash as `from` serves it. */
export function pageOf(from: Member, hash: Uint8Array): Uint8Array {
  const page = from.replica.checkpoints.served?.read(from.store, from.replica.context, hash);
  return must(page, "it serves all pages of its state");
}

/** Fetches what is still missing of the pages. */
export async function fetchPages(from: Member, to: Member, count: number = Number.POSITIVE_INFINITY): Promise<number> {
  const missing = await to.replica.checkpoints.joining.missing(snapshotOf(from).hashes);
  for (const hash of missing.slice(0, count)) {
    assert(to.replica.checkpoints.joining.stage(hash, pageOf(from, hash)), "a page as it is served");
  }
  await to.replica.settled();
  return missing.length;
}

/** Joins by what `from` has, from its first step to its last. */
export async function joinBySnapshot(from: Member, to: Member): Promise<void> {
  const { joining } = to.replica.checkpoints;
  joining.begin();
  await pullLight(from, to);
  joining.drained();
  assert(joining.step === "fetching", () => `to be fetched next, not ${joining.step}`);
  await fetchPages(from, to);
  const done = await joining.finish(snapshotOf(from));
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
