/** What a replica begins with: the stored state of its context, and the actor that this installation writes as. */
import {
  type ContextId,
  err,
  idKey,
  ok,
  type Result,
  runLoaded,
  type Signer,
  STAMP_ZERO,
  type Stamp,
  StoreFailure,
} from "../base/index.ts";
import type { Document, DocumentOptions } from "../crdt/index.ts";
import { REPLICA_ID_BYTES } from "../dag/index.ts";
import type { Admission } from "./admission.ts";
import { DELETIONS_PER_CHECKPOINT } from "./checkpoint/limits.ts";
import type { BaseRow } from "./checkpoint/rows.ts";
import { Ledger } from "./ledger/ledger.ts";
import { type LoadErrorCode, load } from "./load.ts";
import { OwnActorWriter } from "./own-actor.ts";
import type { ReplicaPorts } from "./ports.ts";
import type { Reissues } from "./reissue.ts";
import type { Churn, HashedMark } from "./rows.ts";
import { SNAPSHOT_DELTAS_MIN } from "./snapshot/limits.ts";
import { isJoining as isMarkedJoining } from "./snapshot/rows.ts";
import type { WaitingRows } from "./waiting-rows.ts";

/** What is derived from the state has its rows written in the same batch as the cells. */
export interface ReplicaOptions extends Omit<DocumentOptions, "hashes"> {
  readonly context: ContextId;
  /** The member that this installation writes as. */
  readonly signer: Signer;
  /** Names where the store is; another place means another actor. */
  readonly place: string;
  /** Every commit has its root, also while nobody asks: for who tells each one to others, as a node does. */
  readonly keepsRoots?: boolean;
  /** Handlers run on events: the ledger of those that are still to run is kept. */
  readonly keepsLedger?: boolean;
  /** Deletions since the last checkpoint from which the next may be made unasked; never, when it is not given. */
  readonly compactAfter?: number | undefined;
  /**
   * Deltas that a peer has and this replica lacks from which it joins by a snapshot, where it holds fewer itself. When
   * it is not given, never: then all payloads are kept, and whoever has dropped them cannot help.
   */
  readonly joinsFrom?: number | undefined;
}

/** For a replica that looks after itself: it compacts unasked, and joins by a snapshot. */
export const UPKEEP_DEFAULTS: Required<Pick<ReplicaOptions, "compactAfter" | "joinsFrom">> = {
  compactAfter: DELETIONS_PER_CHECKPOINT,
  joinsFrom: SNAPSHOT_DELTAS_MIN,
};

export interface Opened {
  readonly document: Document;
  readonly admission: Admission;
  readonly waitingRows: WaitingRows;
  readonly reissues: Reissues;
  readonly writer: OwnActorWriter;
  readonly acknowledged: number;
  readonly stampHigh: Stamp;
  readonly hashed: HashedMark | undefined;
  readonly churn: Churn;
  readonly ledger: Ledger | undefined;
  /** The checkpoint that the stored state begins with. */
  readonly base: BaseRow | undefined;
  /** Whether a snapshot was being joined by. */
  readonly isJoining: boolean;
}

/** Loads the context; the actor is the stored one where the store is in its place, and a new one elsewhere. */
export async function openParts(ports: ReplicaPorts, options: ReplicaOptions): Promise<Result<Opened>> {
  try {
    return await readParts(ports, options);
  } catch (thrown) {
    // A damaged row is this context's alone: others in the store open.
    if (!(thrown instanceof StoreFailure && thrown.code === "STORE_CORRUPT")) throw thrown;
    return err<LoadErrorCode>("CONTEXT_DAMAGED", `the stored context is damaged: ${thrown.message}`);
  }
}

async function readParts(ports: ReplicaPorts, options: ReplicaOptions): Promise<Result<Opened>> {
  const { context, signer, place } = options;
  const loaded = await runLoaded(ports.store, () => load(ports, context, options));
  if (!loaded.ok) return loaded;
  const isJoining = await runLoaded(ports.store, () => isMarkedJoining(ports.store, context));
  const { document, admission, waitingRows, reissues, meta, base } = loaded.value;
  const isOwn = meta?.place === place && meta.actor && idKey(meta.actor.member) === idKey(signer.publicKey);
  const own = isOwn ? meta.actor : undefined;
  const writer = new OwnActorWriter(ports.crypto, signer, own?.replica ?? ports.random.bytes(REPLICA_ID_BYTES));
  admission.speakAs(writer.actorKey);
  const stampHigh = meta?.stampHigh ?? STAMP_ZERO;
  const ledger = await openLedger(ports, options, admission);
  if (!ledger.ok) return ledger;
  const { hashed, churn = { written: 0, deleted: 0 } } = meta ?? {};
  const acknowledged = own?.acknowledged ?? 0;
  const writing = { writer, acknowledged, stampHigh, hashed, churn };
  return ok({ document, admission, waitingRows, reissues, base, isJoining, ledger: ledger.value, ...writing });
}

async function openLedger(
  { store }: ReplicaPorts,
  { context, signer, keepsLedger }: ReplicaOptions,
  { graph, rights }: Admission,
): Promise<Result<Ledger | undefined>> {
  if (!keepsLedger) return ok(undefined);
  const own = idKey(signer.publicKey);
  const ledger = new Ledger(context, store, graph, {
    isOwnMember: (delta) => idKey(rights.memberOfProven(delta)) === own,
  });
  const sound = await runLoaded(store, () => ledger.load());
  return sound
    ? ok(ledger)
    : err<LoadErrorCode>("CONTEXT_DAMAGED", "the stored context is damaged: a row of its ledger does not decode");
}
