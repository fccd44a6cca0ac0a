/**
 * Admission: the only way into a context's graph, in this order: size and canonical form, context, duplicate,
 * signature (`prove.ts`), clock, parents present, stamp and sequence, right at the causal cut (`judge.ts`).
 *
 * Owns the rule that validity is a function of a delta and its ancestors alone. The wall clock and what this node
 * holds may delay a delta; they never refuse one. Ready deltas are applied and appended one by one, and each releases
 * what waited for it, iteratively: a cascade of any depth takes no stack. Deltas that come together are proven together.
 */
import type { Cut } from "../access/index.ts";
import { type ContextId, type Failure, idKey, Miss, must, type PublicKey, type Result } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import {
  type AuthenticDelta,
  COPIES_CHECKED_PER_BATCH_MAX,
  type DeltaErrorCode,
  decodeDelta,
  Graph,
  type Held,
  Moments,
  type Order,
  Pending,
  type Place,
  type ReceivedDelta,
  type SignedDelta,
  trustStored,
  type Waiting,
} from "../dag/index.ts";
import { Checkpoints } from "./checkpoint/checkpoints.ts";
import { type Claim, claimOf, isBare } from "./claim.ts";
import { type Judged, judge, standingOf } from "./judge.ts";
import { DRIFT_MAX_MS } from "./limits.ts";
import {
  type AdmitOutcome,
  type Admitted,
  type AdmitVerdict,
  type BatchOutcome,
  outcomeOfOne,
  refusal,
  taken,
} from "./outcome.ts";
import type { PayloadEntry } from "./payload.ts";
import { Prover } from "./prove.ts";
import { Rights } from "./rights.ts";
import type { KeyRing } from "./sealing/key-ring.ts";
import { Sealing } from "./sealing/sealing.ts";
import { type PayloadIntake, takeForm } from "./snapshot/intake.ts";
import { Vouchers } from "./vouchers.ts";

/** Applies a delta's entries to the state; called once per delta, after its parents' and before it is appended. */
export type ApplyDelta = (delta: AuthenticDelta, member: PublicKey, entries: readonly PayloadEntry[]) => void;

/** What a cascade has done so far. */
interface Progress {
  readonly admitted: Admitted[];
  readonly refused: { readonly key: string; readonly error: Failure; readonly isProof: boolean }[];
  /** Keys of what waits for somebody to vouch for it. */
  readonly withheld: Set<string>;
  miss: Miss | undefined;
}

/** A delta that is valid, and whose turn it is. */
interface Ready extends Judged {
  readonly delta: AuthenticDelta;
  readonly place: Place;
}

export class Admission {
  /** While there is none, what comes without its payload is refused. */
  intake: PayloadIntake | undefined;
  readonly graph: Graph = new Graph();
  readonly rights: Rights = new Rights(this.graph);
  readonly pending: Pending = new Pending();
  readonly checkpoints: Checkpoints = new Checkpoints({
    graph: this.graph,
    votersAt: (order) => this.rights.writersAt(order),
  });
  readonly vouchers: Vouchers;
  readonly sealing: Sealing;
  readonly #crypto: Pick<Crypto, "sha256" | "verify">;
  readonly #context: ContextId;
  readonly #apply: ApplyDelta;
  readonly #prover: Prover;
  readonly #moments = new Moments(DRIFT_MAX_MS);
  /** Ready, and waiting for a page of the state. */
  readonly #stalled = new Map<string, Waiting>();
  #ownActorKey: string | undefined;
  #hasMetItself = false;

  /** `ring`: the keys of the member who reads; without it what is sealed cannot be taken in. */
  constructor(crypto: Crypto, context: ContextId, apply: ApplyDelta, ring?: KeyRing) {
    this.#crypto = crypto;
    this.sealing = new Sealing(this.rights, ring);
    this.#context = context;
    this.#apply = apply;
    const { graph, pending } = this;
    const memberOf = (actorKey: string) => this.rights.memberOf(actorKey);
    this.#prover = new Prover({ crypto, pending, memberOf, isOwn: (actorKey) => actorKey === this.#ownActorKey });
    this.vouchers = new Vouchers({ graph, pending, prover: this.#prover });
  }

  /** Moments that are waited for: in proportion to what waits. */
  get earlyCount(): number {
    return this.#moments.size;
  }

  get isStalled(): boolean {
    return this.#stalled.size > 0;
  }

  /** Whether a signed delta of the own actor has come that this node did not write: the store was copied. */
  get hasMetItself(): boolean {
    return this.#hasMetItself;
  }

  /** The actor that this node writes as from now on. */
  speakAs(actorKey: string): void {
    this.#ownActorKey = actorKey;
    this.#hasMetItself = false;
  }

  admit(bytes: Uint8Array, wallMs: number): AdmitOutcome {
    return outcomeOfOne(this.admitMany([bytes], wallMs));
  }

  /** Takes in what came together. */
  admitMany(batch: readonly Uint8Array[], wallMs: number): BatchOutcome {
    const verdicts: AdmitVerdict[] = [];
    const fresh: { readonly index: number; readonly delta: SignedDelta }[] = [];
    const seen = new Set<string>();
    const copies: SignedDelta[] = [];
    for (const bytes of batch) {
      // A copy: what waits or is stored must not keep or share the frame that it came in.
      const decoded = takeForm(decodeDelta(this.#crypto, this.#context, bytes.slice()), this.intake);
      const index = verdicts.push(decoded.ok ? taken("duplicate", decoded.value) : refusal(decoded.error)) - 1;
      if (decoded.ok && this.#isFresh(decoded.value, seen, copies)) fresh.push({ index, delta: decoded.value });
    }
    // Nobody is charged for a copy, so few are looked at.
    for (const copy of copies.slice(0, COPIES_CHECKED_PER_BATCH_MAX)) this.#prover.takeCopy(copy);
    const proofs = this.#prover.prove(fresh.map(({ delta }) => delta));
    const progress: Progress = { admitted: [], refused: [], withheld: new Set(), miss: undefined };
    for (const [at, { index, delta }] of fresh.entries()) {
      verdicts[index] = this.#take(delta, proofs[at], wallMs, progress);
    }
    return this.#settle(progress, fresh, verdicts);
  }

  /** Takes in what waited for the clock and is no longer ahead of it. */
  releaseEarly(wallMs: number): BatchOutcome {
    return this.#goOn(this.#moments.takeDue(wallMs).flatMap((name) => this.pending.release(name)));
  }

  /** Goes on with what waited for keys that were handed over. */
  unlock(): BatchOutcome {
    return this.#goOn(this.#takeReleased());
  }

  /** Goes on with what was ready when the state missed a page. */
  resume(): BatchOutcome {
    const ready = [...this.#stalled.values()];
    this.#stalled.clear();
    return this.#goOn(ready);
  }

  /** Lets go of what has waited too long for a delta that nobody brings. */
  dropStale(nowMs: number): number {
    const stale = this.pending.dropStale(nowMs);
    for (const waiting of stale) {
      this.vouchers.lose(waiting);
      this.rights.forget(waiting.delta.key);
    }
    this.#moments.forget(this.pending);
    return stale.length;
  }

  /** Takes back in what waited when the context was closed. */
  restore({ waiting, sinceMs }: Held, wallMs: number): void {
    const { delta } = waiting;
    if (this.graph.has(delta.key)) return;
    const missing = this.#missingOf(delta, wallMs);
    if (missing.length > 0) {
      this.pending.add(waiting, missing, sinceMs);
      this.#withhold(waiting);
    } else this.#stalled.set(delta.key, waiting);
  }

  /**
   * Admits the next delta of a log that is known to be authentic: judged again, in the order of the log. The wall clock
   * delays and never refuses, so there is none to wait for. Why it is refused, if it is.
   */
  admitStored(bytes: Uint8Array): Failure | undefined {
    const decoded = decodeDelta(this.#crypto, this.#context, bytes.slice());
    if (!decoded.ok) return decoded.error;
    const missing = this.#missingOf(decoded.value, Number.MAX_SAFE_INTEGER / 4096);
    if (missing.length > 0) return { code: UNPROVEN, message: "it comes before what it follows" };
    const delta = trustStored(decoded.value);
    const judged = this.#judge({ proven: true, delta, isSigned: false, span: bytes.length });
    if (!judged.ok) return judged.error;
    return this.#enter(judged.value) ? undefined : { code: "DELTA_SEALED", message: "its key is not here" };
  }

  /** Appends a delta that this node wrote or stored itself: applied already, its right judged then. */
  appendTrusted(delta: AuthenticDelta, place: Place, claim: Claim): Order {
    return this.#append(delta, place, this.rights.cutAfter(delta, place.parents, claim), claim);
  }

  /** Appends a delta that was admitted through another opener of the store; what waited for it goes on by `resume`. */
  adopt(delta: AuthenticDelta, entries: readonly PayloadEntry[]): void {
    this.pending.discard(delta.key);
    this.#stalled.delete(delta.key);
    this.appendTrusted(
      delta,
      { ...standingOf(this.graph, delta), isSigned: false, isBare: entries.length === 0 },
      claimOf(delta, entries),
    );
    for (const waiting of this.pending.release(delta.key)) this.#stalled.set(waiting.delta.key, waiting);
  }

  #isFresh(delta: SignedDelta, seen: Set<string>, copies: SignedDelta[]): boolean {
    const { key } = delta;
    if (this.graph.has(key)) this.intake?.onCopy(delta);
    if (this.graph.has(key) || this.#stalled.has(key) || seen.has(key)) return false;
    seen.add(key);
    if (!this.pending.has(key)) return true;
    copies.push(delta);
    return false;
  }

  #take(delta: SignedDelta, proof: Waiting | undefined, wallMs: number, progress: Progress): AdmitVerdict {
    if (!proof) return refusal({ code: UNPROVEN, message: "the signature does not verify" });
    if (proof.proven && delta.actorKey === this.#ownActorKey) this.#hasMetItself = true;
    const missing = this.#missingOf(delta, wallMs);
    if (missing.length > 0) {
      this.#wait(proof, missing, wallMs);
      this.#withhold(proof);
      this.#cascade(this.#takeReleased(), progress);
      return taken("pending", delta);
    }
    this.#cascade([proof], progress);
    return taken("admitted", delta);
  }

  #wait(waiting: Waiting, missing: readonly string[], wallMs: number): void {
    for (const gone of this.pending.add(waiting, missing, wallMs)) {
      this.vouchers.lose(gone);
      this.rights.forget(gone.delta.key);
    }
    this.#moments.forget(this.pending);
  }

  /** Has rights take note of a delta that waits, and of what waits for it. */
  #withhold(first: Waiting): void {
    const left = [first];
    for (let waiting = left.pop(); waiting; waiting = left.pop()) {
      const { proven, delta } = waiting;
      if (!proven || !this.rights.withhold(delta, this.pending.memberOf(delta.actorKey))) continue;
      left.push(...this.pending.waitersOf(delta.key));
    }
  }

  /** What waited for this delta alone, or for a right that it gives back. */
  #releasedBy(key: string): Waiting[] {
    const others = this.rights.isAnyWithheld ? this.pending.waitersOf(key) : [];
    const ready = this.pending.release(key);
    // What still waits may wait for nothing any more but what waits itself.
    for (const waiting of others) if (this.pending.has(waiting.delta.key)) this.#withhold(waiting);
    return [...ready, ...this.#takeReleased()];
  }

  /** What waited for a right or for a key, and need not any more. */
  #takeReleased(): Waiting[] {
    const named = [...this.rights.takeReleased().map(rightTo), ...this.sealing.takeUnlocked().map(keyOf)];
    return named.flatMap((name) => this.pending.release(name));
  }

  #missingOf(delta: ReceivedDelta, wallMs: number): string[] {
    const missing: string[] = [];
    const { parentKeys, prevKey } = delta;
    for (const key of parentKeys) if (!this.graph.has(key)) missing.push(key);
    if (prevKey !== undefined && !this.graph.has(prevKey) && !missing.includes(prevKey)) missing.push(prevKey);
    const moment = this.#moments.wait(delta.stamp, delta.key, wallMs);
    if (moment) missing.push(moment);
    return missing;
  }

  #goOn(ready: readonly Waiting[]): BatchOutcome {
    const progress: Progress = { admitted: [], refused: [], withheld: new Set(), miss: undefined };
    this.#cascade(ready, progress);
    return this.#settle(progress, [], []);
  }

  /** Refusals are told of those that were handed in; others had waited. */
  #settle(
    { admitted, refused, withheld, miss }: Progress,
    fresh: readonly { readonly index: number; readonly delta: SignedDelta }[],
    verdicts: AdmitVerdict[],
  ): BatchOutcome {
    const waited: Failure[] = [];
    const indexByKey = refused.length > 0 ? new Map(fresh.map(({ index, delta }) => [delta.key, index])) : undefined;
    for (const { key, error, isProof } of refused) {
      const index = indexByKey?.get(key);
      if (index === undefined) waited.push(error);
      else verdicts[index] = { kind: "refused", error, isProof };
    }
    for (const { index, delta } of withheld.size > 0 ? fresh : []) {
      if (withheld.has(delta.key) && !this.graph.has(delta.key)) verdicts[index] = taken("pending", delta);
    }
    return miss ? { verdicts, admitted, refused: waited, miss } : { verdicts, admitted, refused: waited };
  }

  #cascade(ready: readonly Waiting[], progress: Progress): void {
    const queue = [...ready];
    for (let at = 0; at < queue.length; at++) {
      const waiting = must(queue[at], "within the queue");
      if (progress.miss) {
        this.#stalled.set(waiting.delta.key, waiting);
        continue;
      }
      const outcome = this.#admitOrMiss(waiting);
      if (outcome instanceof Miss) {
        progress.miss = outcome;
        this.#stalled.set(waiting.delta.key, waiting);
      } else if (typeof outcome === "string") {
        progress.withheld.add(waiting.delta.key);
        this.#wait(waiting, [outcome], 0);
        this.#withhold(waiting);
        queue.push(...this.#takeReleased());
      } else if (outcome.ok) {
        progress.admitted.push(outcome.value);
        queue.push(...this.#releasedBy(outcome.value.delta.key));
      } else {
        this.rights.forget(waiting.delta.key);
        const isProof = this.vouchers.lose(waiting);
        progress.refused.push({ key: waiting.delta.key, error: outcome.error, isProof });
      }
    }
  }

  /** A miss leaves everything as it was: the state is touched before the graph. */
  #admitOrMiss(waiting: Waiting): Result<Admitted> | string | Miss {
    try {
      return this.#admitReady(waiting);
    } catch (thrown) {
      if (thrown instanceof Miss) return thrown;
      throw thrown;
    }
  }

  /** What was admitted, or the name of what a valid delta waits for: a right or a key. */
  #admitReady(waiting: Waiting): Result<Admitted> | string {
    // What waited may come to its turn when no snapshot is joined by any more.
    const formed = takeForm({ ok: true, value: waiting.delta }, this.intake);
    const ready = formed.ok ? this.#judge(waiting) : formed;
    if (!ready.ok) return ready;
    const { delta, cut, claim } = ready.value;
    if (!this.rights.mayEnter(delta, cut, claim)) return rightTo(delta.key);
    const admitted = this.#enter(ready.value);
    return admitted ? { ok: true, value: admitted } : keyOf(this.sealing.waitFor(delta));
  }

  #judge(waiting: Waiting): Result<Ready> {
    const proven = waiting.proven ? waiting : this.#prover.proveReleased(waiting);
    if (!proven) return { ok: false, error: { code: UNPROVEN, message: "its actor's key did not sign it" } };
    const { delta, isSigned } = proven;
    const standing = standingOf(this.graph, delta);
    const judged = judge(this.graph, this.rights, delta, standing);
    if (!judged.ok) return judged;
    const place = { ...standing, isSigned, isBare: isBare(judged.value.claim) };
    return { ok: true, value: { delta, place, ...judged.value } };
  }

  /** Undefined when there is no key to tell what the delta says. */
  #enter({ delta, place, cut, claim }: Ready): Admitted | undefined {
    const entries = this.sealing.read(delta);
    if (!entries) return undefined;
    this.#apply(delta, this.rights.memberOfProven(delta), entries);
    return { order: this.#append(delta, place, cut, claim), delta, entries };
  }

  #append(delta: AuthenticDelta, place: Place, cut: Cut, claim: Claim): Order {
    const order = this.graph.append(delta, place);
    this.rights.append(delta, place.prev, cut, claim);
    this.checkpoints.note(delta.id, order, idKey(this.rights.memberOfProven(delta)), claim.statements);
    return order;
  }
}

/** What a delta waits for whose author has lost the right to it. */
function rightTo(key: string): string {
  return `right ${key}`;
}

/** What a delta waits for that is sealed under a key that is not here. */
function keyOf(epoch: string): string {
  return `key ${epoch}`;
}

const UNPROVEN: DeltaErrorCode = "DELTA_UNPROVEN";
