/**
 * The separate reader: what a context's store must say, derived from its deltas alone and by none of the ways in which
 * a running replica derives it. Every signature is checked again, every payload joined again into an empty document in
 * the order of the log, heads and root computed from scratch, and the stored cells hashed as they lie.
 */
import {
  bytesToHex,
  type ContextId,
  type DeltaId,
  err,
  idKey,
  idToText,
  ok,
  type ReadView,
  type Result,
  type Signer,
  type Stamp,
  StoreFailure,
} from "../base/index.ts";
import { Document, type StoredHashes, verifyPages } from "../crdt/index.ts";
import type { Crypto } from "../crypto/index.ts";
import { type AuthenticDelta, decodeDelta, trustStored } from "../dag/index.ts";
import { Admission, type ApplyDelta } from "./admission.ts";
import { applyEntries } from "./apply.ts";
import { stateOfBase } from "./audit-base.ts";
import { firstForged } from "./audit-signatures.ts";
import { claimOf, isBare } from "./claim.ts";
import { standingOf } from "./judge.ts";
import { cellSource, storedHashes } from "./load.ts";
import { decodeMeta, tablePrefix, tableRange } from "./rows.ts";
import { KeyRing } from "./sealing/key-ring.ts";
import { isJoining } from "./snapshot/rows.ts";

export type AuditErrorCode =
  /** The store holds nothing of the context. */
  | "AUDIT_NO_CONTEXT"
  /** The store contradicts itself: what it is, in words, is in the message. */
  | "AUDIT_MISMATCH"
  /** A snapshot is being joined by: the state is not there yet. */
  | "AUDIT_JOINING";

export interface AuditReport {
  readonly deltas: number;
  readonly heads: readonly string[];
  /** Root of the state, in hex: equal from the cells, from the deltas, and in the last commit's row. */
  readonly root: string;
  readonly document: Document;
  /** No stamp of this node was above it. */
  readonly stampHigh: Stamp;
  /** The application that the context runs; undefined while its first delta is not there. */
  readonly application: Uint8Array | undefined;
  /** Whether the log holds a delta. */
  holds(id: DeltaId): boolean;
}

/**
 * Reads one context through and through. `bytes` per delta are read once; memory holds the whole state.
 * What is sealed needs `signer`, a member who has the keys.
 */
export function auditContext(crypto: Crypto, view: ReadView, context: ContextId, signer?: Signer): Result<AuditReport> {
  const metaBytes = view.get(tablePrefix(context, "m"));
  if (!metaBytes) return err<AuditErrorCode>("AUDIT_NO_CONTEXT", `nothing is stored of ${idToText(context)}`);
  const mismatch = (why: string) => err<AuditErrorCode>("AUDIT_MISMATCH", why);
  if (isJoining(view, context)) return err<AuditErrorCode>("AUDIT_JOINING", "a snapshot is being joined by");
  const meta = decodeMeta(metaBytes);
  if (!meta) return mismatch("the summary row does not decode");
  const document = new Document({ get: () => undefined, range: () => [] });
  const ring = signer && new KeyRing(crypto, signer);
  if (ring) learnKeys(ring, crypto, view, context);
  const apply: ApplyDelta = (delta, member, entries) => applyEntries(document, delta, member, entries);
  const admission = new Admission(crypto, context, apply, ring);
  const { hashed } = meta;
  const forged = firstForged(crypto, view, context, meta.count);
  if (forged !== undefined) return mismatch(`delta ${forged} of the log is not signed by its author`);
  let hashedRoot: string | undefined;
  let deltas = 0;
  for (const [, bytes] of view.range(tableRange(tablePrefix(context, "d")))) {
    const refusal = admission.admitStored(bytes);
    if (refusal) return mismatch(`delta ${deltas} of the log is refused: ${refusal.message}`);
    deltas++;
    if (deltas === hashed?.count) hashedRoot = bytesToHex(document.root());
  }
  if (deltas !== meta.count) return mismatch(`the log has ${deltas} deltas, the last commit left ${meta.count}`);
  const heads = admission.graph.heads();
  if (heads.join() !== meta.heads.join()) return mismatch("the heads are not those of the log");
  const based = stateOfBase(crypto, view, context, admission);
  if (!based.ok) return based;
  const state = based.value ?? document;
  const replayed = bytesToHex(state.root());
  const stored = bytesToHex(
    Document.rootOf(cellSource(view, tablePrefix(context, "c")).range({ gte: new Uint8Array(0), lt: CELL_KEY_END })),
  );
  if (replayed !== stored) return mismatch(`the cells have root ${stored}, the deltas make ${replayed}`);
  // A mark from after a checkpoint is of a state that the deltas alone do not have.
  if (hashed && !based.value && hashedRoot !== bytesToHex(hashed.root))
    return mismatch("the root of the stored hashes is not theirs");
  const read = (delta: AuthenticDelta) => admission.sealing.read(delta) ?? [];
  if (hashed && !areWhole(storedHashes({ crypto, store: view }, context, hashed, read))) {
    return mismatch("a stored page of hashes is damaged");
  }
  return ok({
    deltas,
    heads: heads.map((order) => idToText(admission.graph.idOf(order))).sort(),
    root: replayed,
    document: state,
    stampHigh: meta.stampHigh,
    application: admission.rights.state.application,
    holds: (id) => admission.graph.orderOf(idKey(id)) !== undefined,
  });
}

/** A key may stand in the log behind what it opens: whoever waited for it had the whole log first. */
function learnKeys(ring: KeyRing, crypto: Crypto, view: ReadView, context: ContextId): void {
  ring.restore(view.get(tablePrefix(context, "s")) ?? new Uint8Array(0));
  const { graph, rights } = new Admission(crypto, context, () => {});
  for (const [, bytes] of view.range(tableRange(tablePrefix(context, "d")))) {
    const decoded = decodeDelta(crypto, context, bytes);
    const follows = decoded.ok ? [...decoded.value.parentKeys, decoded.value.prevKey ?? []].flat() : [];
    // What is wrong with the log is told by who reads it next.
    if (!decoded.ok || !follows.every((key) => graph.has(key))) break;
    const delta = trustStored(decoded.value);
    const claim = claimOf(delta);
    const place = { ...standingOf(graph, delta), isSigned: false, isBare: isBare(claim) };
    const cut = rights.cutAfter(delta, place.parents, claim);
    graph.append(delta, place);
    rights.append(delta, place.prev, cut, claim);
  }
  ring.learn(rights.state);
}

/** Above every cell key: they begin with a container's id, of 32 bytes. */
const CELL_KEY_END = new Uint8Array(64).fill(255);

/** Whether every page is there and has the hash that its parent says. */
function areWhole(hashes: StoredHashes): boolean {
  try {
    verifyPages(hashes);
    return true;
  } catch (thrown) {
    if (thrown instanceof StoreFailure && thrown.code === "STORE_CORRUPT") return false;
    throw thrown;
  }
}
