/**
 * One call: a run in a transaction of its own, which becomes an entry of the next delta or leaves no trace.
 *
 * Whether the member may write is judged before, by what others will judge the delta by: no write is made that they
 * would refuse.
 */
import { ACTORS_PER_MEMBER_MAX } from "../access/index.ts";
import {
  type DeltaId,
  err,
  type Failure,
  Miss,
  nextStamp,
  type PublicKey,
  type Stamp,
  StoreFailure,
  type WriteOperation,
} from "../base/index.ts";
import { type Document, type Transaction, WriteRefused } from "../crdt/index.ts";
import type { Cause } from "../dag/index.ts";
import type { Admission } from "./admission.ts";
import { ENTRY_BYTES_MAX } from "./limits.ts";
import { type CountedAs, type ReplicaMeters, timedStage } from "./meters.ts";
import type { OwnActorWriter, StampedEntry } from "./own-actor.ts";
import type { EntryEvent } from "./payload.ts";

/** What a call did: its events when it is to be kept, or the failure that takes it back. */
export type CallOutcome<T> =
  | { readonly ok: true; readonly value: T; readonly events: readonly EntryEvent[]; readonly beside?: Beside }
  | { readonly ok: false; readonly error: Failure };

/**
 * What a call wrote that is this machine's own: it is in no delta, and stands or falls with the call. Of a call that
 * failed nobody asks: whoever ran it takes it back.
 */
export interface Beside {
  /** The call is kept. */
  keep(): void;
  /** The call is not kept after all. */
  drop(): void;
  /** The rows, for the batch of the call's delta: taken when that goes to the store, once for the calls that share it. */
  takeRows(): readonly WriteOperation[];
}

export interface CallMeta {
  readonly stamp: Stamp;
  readonly wallMs: number;
}

export type RunCall<T> = (transaction: Transaction, meta: CallMeta) => CallOutcome<T>;

export interface CallReceipt<T> {
  readonly value: T;
  /** The delta that holds what the call wrote; undefined when it wrote nothing. */
  readonly delta: DeltaId | undefined;
}

export type Attempt<T> =
  | {
      readonly ok: true;
      readonly value: T;
      readonly stamp: Stamp;
      readonly entry: StampedEntry | undefined;
      readonly beside: Beside | undefined;
    }
  | { readonly ok: false; readonly error: Failure };

export interface CallHost {
  readonly document: Document;
  readonly admission: Admission;
  readonly writer: OwnActorWriter;
  readonly member: PublicKey;
  readonly meters: ReplicaMeters | undefined;
}

/** Why the member may not write as things stand; undefined when it may. */
export function refusalToWrite({ admission: { rights }, member, writer }: CallHost): Failure | undefined {
  const denied = (message: string): Failure => ({ code: "ACCESS_DENIED", message });
  const role = rights.roleNow(member);
  if (role !== "writer" && role !== "admin") return denied("this node's member may not write to the context");
  const enrols = rights.mayEnrolAtHeads(member, writer.actorKey);
  return enrols ? undefined : denied(`this member writes from ${ACTORS_PER_MEMBER_MAX} installations already`);
}

/** Why a call is run: for an event or for a caller. */
export interface CallReason {
  readonly cause?: Cause | undefined;
  /** Whether there is to be a delta of it though it writes nothing. */
  readonly isTold?: boolean;
  /** Called when its transaction is committed, before anything else happens. */
  readonly onDone?: () => void;
  /** As what it is counted when it has to be run again. */
  readonly counted?: CountedAs | undefined;
}

/** How a call is run: above all stamps that were given or seen, at this time. */
export interface CallMoment extends CallReason {
  readonly stampHigh: Stamp;
  readonly wallMs: number;
}

/** Runs it; a `Miss` passes through after the transaction was taken back. */
export function attempt<T>(
  host: CallHost,
  run: RunCall<T>,
  { stampHigh, wallMs, cause, counted, isTold }: CallMoment,
): Attempt<T> {
  const { document, writer, member, meters } = host;
  // A call that changed nothing in the end has used up a stamp that no commit knows of.
  const stamp = nextStamp(Math.max(stampHigh, document.lastStamp) as Stamp, wallMs);
  const transaction = document.begin({ stamp, actor: writer.actor, member });
  let committed = false;
  let beside: Beside | undefined;
  try {
    const outcome = run(transaction, { stamp, wallMs });
    if (!outcome.ok) return outcome;
    beside = outcome.beside;
    const joins = timedStage(meters?.encode, () => transaction.commit(ENTRY_BYTES_MAX));
    committed = true;
    beside?.keep();
    const { value, events } = outcome;
    if (!joins && events.length === 0 && !isTold) return { ok: true, value, stamp, entry: undefined, beside };
    const entry = { kind: "call", stamp, joins: joins ?? new Uint8Array(0), events, cause } as const;
    return { ok: true, value, stamp, entry, beside };
  } catch (thrown) {
    if (thrown instanceof WriteRefused) return err(thrown.code, thrown.message);
    if (thrown instanceof StoreFailure) return err(thrown.code, thrown.message);
    if (thrown instanceof Miss) counted?.meter.retry();
    throw thrown;
  } finally {
    if (!committed) {
      transaction.rollback();
      beside?.drop();
    }
  }
}
