/**
 * Admission: the only way into a context's graph, in this order: size and canonical form, context, duplicate,
 * signature (checked, or waiting for its actor), clock, parents present, stamp and sequence, right at the causal cut.
 *
 * Owns the rule that validity is a function of a delta and its ancestors alone. The wall clock and what this node
 * holds may delay a delta; they never refuse one. Ready deltas are applied and appended one by one, and each releases
 * what waited for it, iteratively: a cascade of any depth takes no stack.
 */

import type { Cut } from "../access/index.ts";
import {
  bytesEqual,
  type ContextId,
  err,
  type Failure,
  idKey,
  Miss,
  must,
  ok,
  type PublicKey,
  type Result,
  type Stamp,
  stampAheadMs,
} from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import {
  type AuthenticDelta,
  decodeDelta,
  Graph,
  type Order,
  Pending,
  type SignedDelta,
  verifyDelta,
  type Waiting,
} from "../dag/index.ts";
import { DRIFT_MAX_MS } from "./limits.ts";
import { decodePayload, type PayloadEntry } from "./payload.ts";
import { Rights } from "./rights.ts";

export type AdmissionErrorCode =
  /** A stamp not above its parents', or a sequence that does not follow its actor's previous delta. */
  | "DELTA_INVALID"
  /** Uses a part of the format that this version does not know: update this node. */
  | "DELTA_UNSUPPORTED";

export interface Admitted {
  readonly order: Order;
  readonly delta: AuthenticDelta;
  readonly entries: readonly PayloadEntry[];
}

export type AdmitOutcome =
  | {
      readonly kind: "admitted";
      readonly admitted: readonly Admitted[];
      readonly refused: readonly Failure[];
      /** What the state of the next ready delta needs loaded: then `resume` goes on. */
      readonly miss?: Miss;
    }
  | { readonly kind: "duplicate"; readonly actorKey: string }
  | { readonly kind: "pending"; readonly actorKey: string }
  | { readonly kind: "refused"; readonly error: Failure };

/** A delta that waits for the clock, and the name of its moment among what is pending. */
interface Early {
  readonly stamp: Stamp;
  readonly key: string;
  readonly name: string;
}

/** Applies a delta's entries to the state; called once per delta, after its parents' and before it is appended. */
export type ApplyDelta = (delta: AuthenticDelta, member: PublicKey, entries: readonly PayloadEntry[]) => void;

export class Admission {
  readonly graph: Graph = new Graph();
  readonly rights: Rights = new Rights(this.graph);
  readonly pending: Pending = new Pending();
  readonly #crypto: Pick<Crypto, "sha256" | "verify">;
  readonly #context: ContextId;
  readonly #apply: ApplyDelta;
  /** Ready, and waiting for a page of the state. */
  readonly #stalled = new Map<string, Waiting>();
  #early: Early[] = [];

  constructor(crypto: Pick<Crypto, "sha256" | "verify">, context: ContextId, apply: ApplyDelta) {
    this.#crypto = crypto;
    this.#context = context;
    this.#apply = apply;
  }

  /** Moments that are waited for: in proportion to what waits. */
  get earlyCount(): number {
    return this.#early.length;
  }

  get isStalled(): boolean {
    return this.#stalled.size > 0;
  }

  admit(bytes: Uint8Array, wallMs: number): AdmitOutcome {
    // A copy: what waits or is stored must not keep or share the frame that it came in.
    const decoded = decodeDelta(this.#crypto, this.#context, bytes.slice());
    if (!decoded.ok) return { kind: "refused", error: decoded.error };
    const signed = decoded.value;
    if (this.graph.has(signed.key) || this.pending.has(signed.key) || this.#stalled.has(signed.key)) {
      return { kind: "duplicate", actorKey: signed.actorKey };
    }
    const waiting = this.#prove(signed);
    if (!waiting.ok) return { kind: "refused", error: waiting.error };
    const missing = this.#missingOf(signed, wallMs);
    if (missing.length > 0) {
      this.pending.add(waiting.value, missing);
      this.#forgetEvicted();
      return { kind: "pending", actorKey: signed.actorKey };
    }
    return this.#cascade([waiting.value]);
  }

  /** Takes in what waited for the clock and is no longer ahead of it. */
  releaseEarly(wallMs: number): AdmitOutcome {
    const ready: Waiting[] = [];
    while (this.#early.length > 0 && stampAheadMs(must(this.#early[0], "not empty").stamp, wallMs) <= DRIFT_MAX_MS) {
      ready.push(...this.pending.release(must(this.#early.shift(), "not empty").name));
    }
    return this.#cascade(ready);
  }

  /** Goes on with what was ready when the state missed a page. */
  resume(): AdmitOutcome {
    const ready = [...this.#stalled.values()];
    this.#stalled.clear();
    return this.#cascade(ready);
  }

  /** Appends a delta that this node wrote or stored itself: applied already, its right judged then. */
  appendTrusted(delta: AuthenticDelta, parents: readonly Order[], entries: readonly PayloadEntry[]): Order {
    return this.#append(delta, parents, this.rights.cutAfter(delta, parents, entries));
  }

  /** Appends a delta that was admitted through another opener of the store; what waited for it goes on by `resume`. */
  adopt(delta: AuthenticDelta, entries: readonly PayloadEntry[]): void {
    this.pending.discard(delta.key);
    this.#stalled.delete(delta.key);
    this.appendTrusted(delta, this.#ordersOf(delta), entries);
    for (const waiting of this.pending.release(delta.key)) this.#stalled.set(waiting.delta.key, waiting);
  }

  #ordersOf(delta: AuthenticDelta): Order[] {
    return delta.parents.map((id) => must(this.graph.orderOf(idKey(id)), "parents are present"));
  }

  #prove(signed: SignedDelta): Result<Waiting> {
    const { actorKey } = signed;
    const member = signed.member ?? this.rights.memberOf(actorKey) ?? this.pending.memberOf(actorKey);
    if (!member) return ok({ proven: false, delta: signed });
    const verified = verifyDelta(this.#crypto, signed, member);
    return verified.ok ? ok({ proven: true, delta: verified.value }) : verified;
  }

  #missingOf(delta: SignedDelta, wallMs: number): string[] {
    const missing: string[] = [];
    for (const id of delta.prev ? [...delta.parents, delta.prev] : delta.parents) {
      const key = idKey(id);
      if (!this.graph.has(key)) missing.push(key);
    }
    if (stampAheadMs(delta.stamp, wallMs) > DRIFT_MAX_MS) {
      const name = `early ${delta.key}`;
      this.#waitForClock({ stamp: delta.stamp, key: delta.key, name });
      missing.push(name);
    }
    return missing;
  }

  /** Keeps the moments in order; a search by halves, since a peer decides how many there are. */
  #waitForClock(early: Early): void {
    let [low, high] = [0, this.#early.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (must(this.#early[middle], "within the moments").stamp <= early.stamp) low = middle + 1;
      else high = middle;
    }
    this.#early.splice(low, 0, early);
  }

  /** What was evicted from pending is not waited for: the names of moments stay in proportion to what waits. */
  #forgetEvicted(): void {
    if (this.#early.length <= 2 * this.pending.size) return;
    this.#early = this.#early.filter(({ key }) => this.pending.has(key));
  }

  #cascade(ready: readonly Waiting[]): AdmitOutcome {
    const admitted: Admitted[] = [];
    const refused: Failure[] = [];
    const queue = [...ready];
    for (let at = 0; at < queue.length; at++) {
      const outcome = this.#admitOrMiss(must(queue[at], "within the queue"));
      if (outcome instanceof Miss) {
        for (const waiting of queue.slice(at)) this.#stalled.set(waiting.delta.key, waiting);
        return { kind: "admitted", admitted, refused, miss: outcome };
      }
      if (!outcome.ok) {
        refused.push(outcome.error);
        continue;
      }
      admitted.push(outcome.value);
      for (const next of this.pending.release(outcome.value.delta.key)) queue.push(next);
    }
    const [error] = refused;
    return admitted.length === 0 && error ? { kind: "refused", error } : { kind: "admitted", admitted, refused };
  }

  /** A miss leaves everything as it was: the state is touched before the graph. */
  #admitOrMiss(waiting: Waiting): Result<Admitted> | Miss {
    try {
      return this.#admitReady(waiting);
    } catch (thrown) {
      if (thrown instanceof Miss) return thrown;
      throw thrown;
    }
  }

  #admitReady(waiting: Waiting): Result<Admitted> {
    const proven = waiting.proven ? ok(waiting) : this.#prove(waiting.delta);
    if (!proven.ok) return proven;
    if (!proven.value.proven) return err<AdmissionErrorCode>("DELTA_INVALID", "its actor was never enrolled");
    const { delta } = proven.value;
    const parents = this.#ordersOf(delta);
    const invalid = this.#invalidity(delta, parents);
    if (invalid) return err<AdmissionErrorCode>("DELTA_INVALID", invalid);
    if (delta.sealed || delta.extensions.some((extension) => extension.tag % 2 === 0)) {
      return err<AdmissionErrorCode>("DELTA_UNSUPPORTED", "sealed, or with an extension that this version must know");
    }
    const entries = decodePayload(delta.payload) ?? [];
    const cut = this.rights.judge(delta, parents, entries);
    if (!cut.ok) return cut;
    this.#apply(delta, this.rights.memberOfProven(delta), entries);
    return ok({ order: this.#append(delta, parents, cut.value), delta, entries });
  }

  #invalidity(delta: AuthenticDelta, parents: readonly Order[]): string | undefined {
    if (parents.some((parent) => this.graph.stampOf(parent) >= delta.stamp)) return "its stamp is not above a parent's";
    if (!delta.prev) return undefined;
    const prev = must(this.graph.orderOf(idKey(delta.prev)), "prev is present");
    if (!bytesEqual(this.graph.actorOf(prev), delta.actor)) return "prev is another actor's";
    if (this.graph.sequenceOf(prev) + 1 !== delta.sequence) return "its sequence does not follow prev's";
    if (this.graph.stampOf(prev) >= delta.stamp) return "its stamp is not above prev's";
    return undefined;
  }

  #append(delta: AuthenticDelta, parents: readonly Order[], cut: Cut): Order {
    const order = this.graph.append(delta, parents);
    this.rights.append(delta, cut);
    return order;
  }
}
