/**
 * How far each write has got: applied here, flushed here, flushed by how many other installations, and by all.
 *
 * Owns that a receipt never says more than is true: every step beyond this node rests on an acknowledgement that the
 * other installation's member signed after its flush. *Stable* is what every member has flushed: each of its installations
 * that ever wrote, unless it was retired or declared dormant, and of a member that has none, any. Installations of those
 * who are no members any more do not count. Of an actor that wrote two deltas in one place, each installation may hold
 * another: while this one does not know of it, it is taken at its word. Kept in memory: who comes back is told again.
 */
import {
  type ContextId,
  type DeltaId,
  err,
  type Failure,
  idKey,
  idKeyToBytes,
  ok,
  type PublicKey,
  publicKey,
  type Result,
  type Signer,
} from "../../base/index.ts";
import type { Crypto } from "../../crypto/index.ts";
import type { Graph, VersionVector } from "../../dag/index.ts";
import type { Frontier } from "../commit.ts";
import type { OwnActorWriter } from "../own-actor.ts";
import type { Rights } from "../rights.ts";
import {
  acknowledgingActor,
  decodeAcknowledgement,
  isAcknowledgementSigned,
  signAcknowledgement,
} from "./acknowledgement.ts";
import { ACKNOWLEDGERS_MAX, ACKNOWLEDGERS_PER_MEMBER_MAX, RECEIPT_WAITERS_MAX } from "./limits.ts";

export type ReceiptErrorCode =
  /** Not an acknowledgement of this context, or not signed by whom it names. */
  | "ACKNOWLEDGEMENT_INVALID"
  /** Rightly signed, by somebody who is no member here: not yet, or not any more. */
  | "ACKNOWLEDGEMENT_NOT_MEMBER"
  /** No such delta is here. */
  | "RECEIPT_UNKNOWN_DELTA"
  /** More calls wait for a receipt than are kept: ask for its state now and then instead. */
  | "RECEIPT_OVERLOADED"
  /** The context was closed before. */
  | "RECEIPT_CLOSED";

export interface Receipt {
  /** In this node's state. */
  readonly applied: true;
  /** Flushed by this node. */
  readonly persisted: boolean;
  /** Other installations of members that have flushed it. */
  readonly replicated: number;
  /** Whose these are: each member once, ascending; this node's own among them when it has another installation. */
  readonly members: readonly PublicKey[];
  /** Every member has flushed it: each of its installations that ever wrote. */
  readonly stable: boolean;
}

/** What a receipt is waited for to say. */
export type ReceiptGoal = { readonly replicated: number } | { readonly stable: true };

export interface ReceiptsPorts {
  readonly context: ContextId;
  readonly crypto: Crypto;
  readonly signer: Signer;
  readonly writer: OwnActorWriter;
  readonly graph: Graph;
  readonly rights: Pick<Rights, "state" | "roleNow">;
  readonly flushed: () => Frontier;
}

/** What one installation says, to be handed on. */
export interface Told {
  /** The installation's actor. */
  readonly actorKey: string;
  readonly bytes: Uint8Array;
}

/** What became of what an installation says. */
export interface Taken {
  readonly isNew: boolean;
  readonly member: PublicKey;
  /** The last that is kept of it. */
  readonly last: Told;
}

interface Acknowledger {
  readonly member: PublicKey;
  readonly memberKey: string;
  readonly vector: VersionVector;
  /** As signed, to be handed on. */
  readonly bytes: Uint8Array;
}

interface Waiter {
  readonly id: DeltaId;
  readonly goal: ReceiptGoal;
  readonly resolve: (result: Result<Receipt>) => void;
  isPersisted: boolean;
}

export class Receipts {
  readonly #ports: ReceiptsPorts;
  /** By the installation's actor, the longest silent first. */
  readonly #acknowledgers = new Map<string, Acknowledger>();
  readonly #waiters = new Set<Waiter>();
  #lastOwn: (Told & { readonly count: number }) | undefined;

  constructor(ports: ReceiptsPorts) {
    this.#ports = ports;
  }

  /** The actor as which this installation acknowledges. */
  get actorKey(): string {
    return this.#ports.writer.actorKey;
  }

  /** How many others' acknowledgements are known. */
  get installations(): number {
    return this.#acknowledgers.size;
  }

  /** How far a delta has got. */
  of(id: DeltaId): Result<Receipt> {
    const { graph, flushed } = this.#ports;
    const order = graph.orderOf(idKey(id));
    if (order === undefined) return err<ReceiptErrorCode>("RECEIPT_UNKNOWN_DELTA", "no such delta is here");
    const covering = this.#covering(graph.actorKeyOf(order), graph.sequenceOf(order));
    const persisted = order < flushed().count;
    const stable = persisted && this.#isStable(covering);
    const members = [...new Set([...covering.values()].map(({ memberKey }) => memberKey))].sort();
    const replicated = covering.size;
    const keys = members.map((member) => publicKey(idKeyToBytes(member)));
    return ok({ applied: true, persisted, replicated, members: keys, stable });
  }

  /** Resolves when the receipt says so, at once if it does; with what it says then when `signal` is aborted before. */
  waitFor(id: DeltaId, goal: ReceiptGoal, signal?: AbortSignal): Promise<Result<Receipt>> {
    const now = this.of(id);
    if (!now.ok || meets(now.value, goal) || signal?.aborted) return Promise.resolve(now);
    if (this.#waiters.size >= RECEIPT_WAITERS_MAX) {
      return Promise.resolve(err<ReceiptErrorCode>("RECEIPT_OVERLOADED", "too many wait for a receipt"));
    }
    return new Promise((settle) => {
      const resolve = (result: Result<Receipt>): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", stop);
        settle(result);
      };
      const stop = (): void => resolve(this.of(id));
      const waiter = { id, goal, resolve, isPersisted: now.value.persisted };
      signal?.addEventListener("abort", stop);
      this.#waiters.add(waiter);
    });
  }

  /**
   * Takes in what an installation says, from whomever it came. The signature of what says nothing new is not looked at.
   * `onProgress` is to be called after the last of those that came together.
   */
  take(bytes: Uint8Array): Result<Taken> {
    const { crypto, context, rights, writer } = this.#ports;
    const invalid = (why: string) => err<ReceiptErrorCode>("ACKNOWLEDGEMENT_INVALID", why);
    const said = decodeAcknowledgement(bytes);
    if (!said || idKey(said.context) !== idKey(context)) return invalid("not an acknowledgement of this context");
    const actorKey = acknowledgingActor(crypto, said);
    const { member } = said;
    const old = { isNew: false, member };
    if (actorKey === writer.actorKey) return ok({ ...old, last: this.#own() });
    const known = this.#acknowledgers.get(actorKey);
    if (known && !isAhead(said.vector, known.vector)) return ok({ ...old, last: { actorKey, bytes: known.bytes } });
    if (!isAcknowledgementSigned(crypto, bytes, member)) return invalid("not signed by the member whom it names");
    if (!rights.roleNow(member)) return err<ReceiptErrorCode>("ACKNOWLEDGEMENT_NOT_MEMBER", "signed by no member");
    const memberKey = idKey(member);
    if (!known) this.#makeRoom(memberKey);
    this.#acknowledgers.delete(actorKey);
    const last = { actorKey, bytes: bytes.slice() };
    const vector = joined(said.vector, known?.vector);
    this.#acknowledgers.set(actorKey, { member, memberKey, vector, bytes: last.bytes });
    return ok({ isNew: true, member, last });
  }

  /** What others may be told: this node's own, of its last flush, first; then the latest of each other installation. */
  toTell(): Told[] {
    const { rankByMember } = this.#ports.rights.state;
    const others = [...this.#acknowledgers].filter(([, { memberKey }]) => rankByMember.get(memberKey));
    return [this.#own(), ...others.map(([actorKey, { bytes }]) => ({ actorKey, bytes }))];
  }

  /** An acknowledgement, or what is known of members, may have brought some receipt further. */
  onProgress(): void {
    for (const waiter of this.#waiters) this.#look(waiter);
  }

  /** The same of a flush: it does nothing for what was flushed before. */
  onFlush(): void {
    for (const waiter of this.#waiters) if (!waiter.isPersisted) this.#look(waiter);
  }

  close(failure: Failure): void {
    for (const waiter of this.#waiters) waiter.resolve(err<ReceiptErrorCode>("RECEIPT_CLOSED", failure.message));
  }

  #look(waiter: Waiter): void {
    const now = this.of(waiter.id);
    if (!now.ok || meets(now.value, waiter.goal)) waiter.resolve(now);
    else waiter.isPersisted = now.value.persisted;
  }

  /** Signed anew when something more was flushed. */
  #own(): Told {
    const { context, crypto, signer, writer, flushed } = this.#ports;
    const { count, vector } = flushed();
    if (this.#lastOwn?.count !== count || this.#lastOwn.actorKey !== writer.actorKey) {
      const bytes = signAcknowledgement(crypto, signer, { context, replica: writer.replica, vector });
      this.#lastOwn = { count, actorKey: writer.actorKey, bytes };
    }
    return this.#lastOwn;
  }

  /** Of the member's own when it has too many, so that nobody puts out what others say. */
  #makeRoom(memberKey: string): void {
    const [silent] = this.#acknowledgers.keys();
    const own = [...this.#acknowledgers].filter(([, known]) => known.memberKey === memberKey);
    const [first] = own;
    if (first && own.length >= ACKNOWLEDGERS_PER_MEMBER_MAX) this.#acknowledgers.delete(first[0]);
    else if (this.#acknowledgers.size >= ACKNOWLEDGERS_MAX && silent !== undefined) this.#acknowledgers.delete(silent);
  }

  /** A vector speaks of one chain: from where its actor has forked on, nobody is known to hold the same. */
  #covering(actorKey: string, sequence: number): ReadonlyMap<string, Acknowledger> {
    const covering = new Map<string, Acknowledger>();
    const { graph } = this.#ports;
    for (const [one] of graph.equivocations)
      if (graph.actorKeyOf(one) === actorKey && graph.sequenceOf(one) <= sequence) return covering;
    const { rankByMember } = this.#ports.rights.state;
    for (const [by, known] of this.#acknowledgers) {
      if ((known.vector.get(actorKey) ?? 0) >= sequence && rankByMember.get(known.memberKey)) covering.set(by, known);
    }
    return covering;
  }

  #isStable(covering: ReadonlyMap<string, Acknowledger>): boolean {
    const { graph, rights, writer, signer } = this.#ports;
    const { rankByMember, actorsByMember, dormantActors } = rights.state;
    const own = idKey(signer.publicKey);
    // The actor of the genesis writes nothing else, and is nobody's installation.
    const founding = graph.actorKeyOf(0);
    const covered = new Set([...covering.values()].map(({ memberKey }) => memberKey));
    for (const [member, rank] of rankByMember) {
      if (!rank) continue;
      const actors = [...(actorsByMember.get(member) ?? [])].filter((actor) => actor !== founding);
      if (actors.length === 0 && member !== own && !covered.has(member)) return false;
      for (const actor of actors) {
        const isAwaited = actor !== writer.actorKey && !dormantActors.has(actor);
        if (isAwaited && !covering.has(actor)) return false;
      }
    }
    return true;
  }
}

function meets(receipt: Receipt, goal: ReceiptGoal): boolean {
  return "stable" in goal ? receipt.stable : receipt.replicated >= goal.replicated;
}

function isAhead(a: VersionVector, b: VersionVector): boolean {
  for (const [actor, sequence] of a) if (sequence > (b.get(actor) ?? 0)) return true;
  return false;
}

function joined(a: VersionVector, b: VersionVector = new Map()): VersionVector {
  const both = new Map(b);
  for (const [actor, sequence] of a) both.set(actor, Math.max(sequence, b.get(actor) ?? 0));
  return both;
}
