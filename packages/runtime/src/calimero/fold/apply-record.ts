/**
 * What one record does to a guest's state: a function of the state, the record and who made it, so the same on every
 * machine.
 *
 * Where the state has the root that the author saw, the call is run again; if it leaves the author's root, its writes
 * are the step. So a removal means here what it meant there, which the artifacts of most builds do not say. Else the
 * artifact is applied by the guest's own `__calimero_sync_next`. A call is repeated under the limits that its record
 * names, an artifact is applied under the defaults; what a node has set for itself is not asked. A trap, or a record that does not decode, does nothing.
 */
import { bytesEqual, concatBytes } from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import { type GuestEngine, type GuestOutcome, SYNC_METHOD } from "../guest-engine.ts";
import type { GuestRequest } from "../host-call.ts";
import { guestLimits } from "../limit-changes.ts";
import { GUEST_LIMITS_DEFAULT, type GuestLimits, TIME_AHEAD_NS_MAX } from "../limits.ts";
import type { GuestReader, GuestWrite } from "../overlay.ts";
import { type CallRecord, decodeRecord } from "./record.ts";

export interface Step {
  readonly root: Uint8Array;
  readonly writes: readonly GuestWrite[];
  /** How it came about, for those who watch. */
  readonly by: "repeating" | "artifact" | "nothing";
}

export interface Applying {
  readonly engine: GuestEngine;
  readonly crypto: Pick<Crypto, "sha256">;
  readonly context: Uint8Array;
  readonly storage: GuestReader;
  readonly root: Uint8Array;
}

/** Artifacts say when they were made: what applies them looks a second later. */
const APPLY_DELAY_NS = 1_000_000_000n;

/** `stampNs` is the time of the record's delta: what a record says of time is bounded by it. */
export function applyRecord(at: Applying, bytes: Uint8Array, member: Uint8Array, stampNs: bigint): Step {
  const record = decodeRecord(bytes);
  const nothing: Step = { root: at.root, writes: [], by: "nothing" };
  if (!record || record.timeNs > stampNs + TIME_AHEAD_NS_MAX) return nothing;
  return repeat(at, record, member) ?? applyArtifact(at, record, member) ?? nothing;
}

function repeat(at: Applying, record: CallRecord, member: Uint8Array): Step | undefined {
  if (!record.isRepeatable || !bytesEqual(at.root, record.rootBefore)) return undefined;
  const { method, input, timeNs, seed, limits = {} } = record;
  const request = { method, input, context: at.context, executor: member, timeNs, seed };
  const step = run(at, request, guestLimits(limits));
  return step && bytesEqual(step.root, record.rootAfter) ? { ...step, by: "repeating" } : undefined;
}

function applyArtifact(at: Applying, { artifact, timeNs, seed }: CallRecord, member: Uint8Array): Step | undefined {
  if (artifact.length === 0 || !at.engine.hasSync) return undefined;
  const request = { method: SYNC_METHOD, input: artifact, timeNs: timeNs + APPLY_DELAY_NS, seed };
  const step = run(at, { ...request, context: at.context, executor: member }, GUEST_LIMITS_DEFAULT);
  return step && { ...step, by: "artifact" };
}

function run(at: Applying, request: GuestRequest, limits: GuestLimits): Omit<Step, "by"> | undefined {
  const outcome = at.engine.call(request, { storage: at.storage }, limits);
  if (!outcome.ok || (at.engine.commits && !outcome.committed)) return undefined;
  return { root: rootAfter(at, outcome), writes: outcome.writes };
}

/** The guest's own root; of a guest that tells none, a hash of what it had and what it wrote. */
export function rootAfter(at: Pick<Applying, "crypto" | "root">, outcome: GuestOutcome): Uint8Array {
  if (outcome.committed) return outcome.committed.root;
  if (outcome.writes.length === 0) return at.root;
  const parts = outcome.writes.flatMap(([key, value]) => [sized(key), sized(value)]);
  return at.crypto.sha256(concatBytes(at.root, ...parts));
}

function sized(bytes: Uint8Array | undefined): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes === undefined ? 0xffff_ffff : bytes.length);
  return concatBytes(length, bytes ?? new Uint8Array(0));
}
