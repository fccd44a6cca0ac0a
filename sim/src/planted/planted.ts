/**
 * Bugs that are planted to test the tests. Each swaps one part of the real system for a broken one; nothing in the
 * system knows of them. A part is swapped on its prototype where nothing else reaches it, and put back afterwards.
 */
import type { KeyValueStore } from "@dunlin/core/base";
import type { Replica } from "@dunlin/core/replica";
import type { Frame } from "@dunlin/core/sync";
import type { Plan } from "../plan.ts";
import type { Deed } from "../traitors/deeds.ts";
import type { ViolationId } from "../violation.ts";
import { ambush } from "./ambush.ts";
import * as ledgers from "./ledgers.ts";
import * as protocol from "./protocol.ts";
import * as replicas from "./replicas.ts";
import * as snapshots from "./snapshots.ts";
import * as stores from "./stores.ts";

export interface PlantedBug {
  readonly what: string;
  /** How it may be found out; the first to look may be any. */
  readonly caughtBy: readonly ViolationId[];
  /** Only a plan with one of these can show it. */
  readonly needs?: readonly Deed[];
  /** One that shows it, where drawn ones seldom do. */
  readonly plan?: Plan;
  readonly store?: (store: KeyValueStore) => KeyValueStore;
  /** Beneath the oracles: they see what it makes of the replica. */
  readonly beneath?: (replica: Replica) => void;
  /** Above the oracles: they see how it uses the replica. */
  readonly above?: (replica: Replica) => void;
  /** What an honest node makes of its frames; made for each incarnation. */
  readonly frames?: () => (frame: Frame) => Uint8Array[];
  /** The founder's context is not sealed. */
  readonly isBare?: boolean;
  /** Swaps something for the whole run; gives back what puts it right. */
  readonly install?: () => () => void;
}

export type PlantedBugName =
  | "ack-before-flush"
  | "ack-one-behind"
  | "torn-batches"
  | "lost-rows"
  | "clock-not-merged"
  | "any-stamp"
  | "applied-twice"
  | "joins-skipped"
  | "asks-for-newest-parents-only"
  | "no-cascade"
  | "told-before-parents"
  | "acknowledges-what-it-admits"
  | "acknowledgements-lost"
  | "told-twice"
  | "heads-overlooked"
  | "old-roots"
  | "equivocation-unseen"
  | "equivocation-invented"
  | "failures-kept"
  | "calls-forgotten"
  | "calls-torn"
  | "pages-cut"
  | "serves-nothing"
  | "any-signature"
  | "good-signatures-doubted"
  | "readers-write"
  | "never-pulls"
  | "never-answers"
  | "never-tells-state"
  | "frames-malformed"
  | "deltas-spoilt"
  | "never-quiet"
  | "not-sealed"
  | "handled-again"
  | "handlers-forgotten"
  | "handlers-not-retried"
  | "handled-by-the-wrong"
  | "causes-overlooked"
  | "lists-believed"
  | "checkpoints-signed-by-one"
  | "pruned-from-anybody";

const STILL: readonly ViolationId[] = ["NOT_CONVERGED", "THROWN"];

/** A state that is nobody's shows as soon as anybody looks at it. */
const STATE_FALSE: readonly ViolationId[] = [...STILL, "AUDIT", "CALL_LOST", "CALL_TORN", "STORE_DAMAGED"];

export const PLANTED_BUGS: Readonly<Record<PlantedBugName, PlantedBug>> = {
  "ack-before-flush": {
    what: "a commit is acknowledged before it is flushed",
    caughtBy: ["FLUSHED_LOST", "CALL_LOST", "THROWN"],
    store: stores.acknowledgesAtOnce,
  },
  "ack-one-behind": {
    what: "a commit is acknowledged when the one before it is flushed",
    caughtBy: ["FLUSHED_LOST", "CALL_LOST", "THROWN"],
    store: stores.acknowledgesOneBehind,
  },
  "torn-batches": {
    what: "a crash leaves half a batch",
    caughtBy: ["STORE_DAMAGED", "FLUSHED_LOST", "AUDIT", "THROWN"],
    store: stores.tearsBatches,
  },
  "lost-rows": {
    what: "a row of a batch is not written",
    caughtBy: ["STORE_DAMAGED", "FLUSHED_LOST", "AUDIT", "THROWN", "NOT_CONVERGED"],
    store: stores.losesRows,
  },
  "clock-not-merged": {
    what: "stamps that are received do not move the clock",
    caughtBy: ["STAMP_NOT_ABOVE_PARENT", "THROWN"],
    install: replicas.forgetStamps,
  },
  "any-stamp": {
    what: "what is stamped far ahead of the clock is taken in at once",
    caughtBy: ["CLOCK_DRAGGED"],
    needs: ["postdate"],
    install: replicas.takeAllStamps,
  },
  "applied-twice": {
    what: "what is admitted is applied twice",
    caughtBy: ["APPLIED_TWICE"],
    above: replicas.appliesTwice,
  },
  "joins-skipped": {
    what: "some of what is admitted is not applied",
    caughtBy: ["NOT_CONVERGED", "AUDIT", "CALL_TORN", "CALL_LOST", "THROWN"],
    beneath: replicas.skipsJoins,
  },
  "acknowledges-what-it-admits": {
    what: "peers are told that what is admitted is flushed",
    caughtBy: ["RECEIPT_FALSE"],
    beneath: replicas.tellsAdmitted,
  },
  "acknowledgements-lost": {
    what: "signed acknowledgements are not taken in",
    caughtBy: ["RECEIPT_LATE"],
    above: replicas.losesAcknowledgements,
  },
  "asks-for-newest-parents-only": {
    what: "a delta's missing parents are asked for, and nothing else ever is",
    caughtBy: STILL,
    install: replicas.narrowFrontier,
    above: replicas.servesNothing,
  },
  "no-cascade": {
    what: "an admitted delta does not release those that wait for it",
    caughtBy: STILL,
    install: replicas.dropCascade,
  },
  "told-before-parents": {
    what: "a commit of several deltas is told backwards",
    caughtBy: ["BEFORE_PARENT"],
    beneath: replicas.tellsBackwards,
  },
  "told-twice": {
    what: "a delta of a commit is told twice",
    caughtBy: ["APPLIED_TWICE"],
    beneath: replicas.tellsTwice,
  },
  "heads-overlooked": {
    what: "one of several heads is overlooked",
    caughtBy: ["AUDIT", "NOT_CONVERGED", "STORE_DAMAGED", "HONEST_PEER_CHARGED", "THROWN"],
    install: replicas.overlookHeads,
  },
  "old-roots": {
    what: "a root is that of the state before",
    caughtBy: ["NOT_CONVERGED", "AUDIT"],
    install: replicas.giveOldRoots,
  },
  "equivocation-unseen": {
    what: "two deltas in one place are taken for two of different places",
    caughtBy: ["EQUIVOCATION"],
    needs: ["equivocate", "wide"],
    install: replicas.seeNoEquivocation,
  },
  "equivocation-invented": {
    what: "an honest member is said to have equivocated",
    caughtBy: ["EQUIVOCATION", "THROWN"],
    install: replicas.accuseAnybody,
  },
  "failures-kept": {
    what: "what a failed call wrote stays",
    caughtBy: ["CALL_LEFT_TRACE"],
    above: replicas.keepsFailures,
  },
  "calls-forgotten": {
    what: "some calls are acknowledged and never run",
    caughtBy: ["CALL_LOST", "CALL_OUTCOME"],
    above: replicas.forgetsCalls,
  },
  "calls-torn": {
    what: "a call leaves something else than it wrote",
    caughtBy: ["CALL_TORN"],
    above: replicas.tearsCalls,
  },
  "pages-cut": {
    what: "the end of a page is left out, and said to be all",
    caughtBy: [...STILL, "NOT_QUIET"],
    above: replicas.cutsPages,
  },
  "serves-nothing": { what: "nothing is answered to a vector", caughtBy: STILL, above: replicas.servesNothing },
  "any-signature": {
    what: "every signature is taken for good",
    caughtBy: ["FORGED", "EQUIVOCATION"],
    needs: ["forge", "impersonate"],
    install: protocol.trustAnySignature,
  },
  "good-signatures-doubted": {
    what: "now and then a good signature is taken for bad",
    caughtBy: ["HONEST_PEER_CHARGED"],
    install: protocol.doubtSignatures,
  },
  "readers-write": {
    what: "what readers write is admitted",
    caughtBy: ["UNAUTHORISED"],
    install: protocol.letReadersWrite,
  },
  "never-pulls": { what: "nothing is pulled", caughtBy: STILL, frames: () => protocol.neverPulls },
  "never-answers": { what: "pulls are not answered", caughtBy: STILL, frames: () => protocol.neverAnswers },
  "never-tells-state": { what: "no state is told", caughtBy: STILL, frames: () => protocol.neverTellsState },
  "frames-malformed": {
    what: "some frames are not the canonical form",
    caughtBy: ["HONEST_PEER_CHARGED"],
    frames: () => protocol.endsBadly,
  },
  "deltas-spoilt": {
    what: "a byte of a delta is another on the wire",
    caughtBy: ["HONEST_PEER_CHARGED"],
    frames: () => protocol.spoilsDeltas,
  },
  "never-quiet": {
    what: "deltas are sent again and again",
    caughtBy: ["NOT_QUIET"],
    frames: protocol.repeatsItself,
  },
  "not-sealed": { what: "calls travel in the clear", caughtBy: ["PLAINTEXT"], isBare: true },
  "handled-again": {
    what: "that a handler has run is not kept with what it wrote",
    caughtBy: ["HANDLED_TWICE"],
    install: ledgers.neverClose,
  },
  "handlers-forgotten": {
    what: "a crash forgets which handlers are to run",
    caughtBy: ["HANDLED_NEVER", "NOT_CONVERGED"],
    install: ledgers.rememberNothing,
  },
  "handlers-not-retried": {
    what: "a handler that failed is not run again",
    caughtBy: ["HANDLED_NEVER"],
    install: ledgers.giveUp,
  },
  "handled-by-the-wrong": {
    what: "the author of an event is taken for one who received it",
    caughtBy: ["HANDLED_WRONGLY", "HANDLED_NEVER"],
    install: ledgers.takeAllForReceived,
  },
  "causes-overlooked": {
    what: "what caused a delta is not looked at",
    caughtBy: ["HANDLED_WRONGLY", "HANDLED_TWICE", "NOT_CONVERGED"],
    install: ledgers.overlookCauses,
  },
  "lists-believed": {
    what: "the pages that a peer names are taken for those of its checkpoint",
    caughtBy: STATE_FALSE,
    plan: ambush("poison"),
    beneath: snapshots.believesLists,
  },
  "checkpoints-signed-by-one": {
    what: "a checkpoint takes effect by its author's signature",
    caughtBy: STATE_FALSE,
    plan: ambush("usurp"),
    beneath: snapshots.isCounted,
    install: snapshots.countSignatures,
  },
  "pruned-from-anybody": {
    what: "deltas are taken without their payloads from whoever sends them so",
    caughtBy: STATE_FALSE,
    needs: ["strip"],
    beneath: snapshots.takesPruned,
  },
};
