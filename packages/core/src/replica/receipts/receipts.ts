/**
 * How far each write has got: applied here, flushed here, flushed by how many other installations, and by all.
 *
 * Owns that a receipt never says more than is true: every step beyond this node rests on an acknowledgement that the
 * other installation's member signed after its flush. *Stable* is what every enrolled actor of a present member has
 * acknowledged, unless it was retired or declared dormant; readers who never wrote have no actor, and count among the
 * others only. Kept in memory: who comes back
 * is told again.
 */
import {
  type ContextId,
  type DeltaId,
  err,
  type Failure,
  idKey,
  ok,
  type Result,
  type Signer,
} from "../../base/index.ts";
import type { Crypto } from "../../crypto/index.ts";
import type { Graph, VersionVector } from "../../dag/index.ts";
import type { Frontier } from "../commit.ts";
import type { OwnActorWriter } from "../own-actor.ts";
import type { Rights } from "../rights.ts";
import { acknowledgingActor, signAcknowledgement, verifyAcknowledgement } from "./acknowledgement.ts";
import { ACKNOWLEDGERS_MAX, RECEIPT_WAITERS_MAX } from "./limits.ts";

export type ReceiptErrorCode =
  /** Not an acknowledgement of this context that a member signed. */
  | "ACKNOWLEDGEMENT_INVALID"
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
  /** Other installations that have flushed it. */
  readonly replicated: number;
  /** Every enrolled installation of every member has flushed it. */
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

interface Acknowledger {
  readonly vector: VersionVector;
  /** As signed, to be handed on. */
  readonly bytes: Uint8Array;
}

interface Waiter {
  readonly id: DeltaId;
  readonly goal: ReceiptGoal;
  readonly resolve: (result: Result<Receipt>) => void;
}

export class Receipts {
  readonly #ports: ReceiptsPorts;
  /** By the installation's actor, the longest silent first. */
  readonly #acknowledgers = new Map<string, Acknowledger>();
  readonly #waiters = new Set<Waiter>();
  #own: { readonly count: number; readonly actorKey: string; readonly bytes: Uint8Array } | undefined;
  #version = 0;

  constructor(ports: ReceiptsPorts) {
    this.#ports = ports;
  }

  /** Rises whenever `toTell` has something new. */
  get version(): number {
    return this.#version + this.#ports.flushed().count;
  }

  /** How far a delta has got. */
  of(id: DeltaId): Result<Receipt> {
    const { graph, flushed } = this.#ports;
    const order = graph.orderOf(idKey(id));
    if (order === undefined) return err<ReceiptErrorCode>("RECEIPT_UNKNOWN_DELTA", "no such delta is here");
    const covering = this.#covering(graph.actorKeyOf(order), graph.sequenceOf(order), graph.isChained(order));
    const persisted = order < flushed().count;
    return ok({ applied: true, persisted, replicated: covering.size, stable: persisted && this.#isStable(covering) });
  }

  /** Resolves when the receipt says so; at once if it does. */
  waitFor(id: DeltaId, goal: ReceiptGoal): Promise<Result<Receipt>> {
    const now = this.of(id);
    if (!now.ok || meets(now.value, goal)) return Promise.resolve(now);
    if (this.#waiters.size >= RECEIPT_WAITERS_MAX) {
      return Promise.resolve(err<ReceiptErrorCode>("RECEIPT_OVERLOADED", "too many wait for a receipt"));
    }
    return new Promise((resolve) => this.#waiters.add({ id, goal, resolve }));
  }

  /** Takes in what an installation says, from whomever it came. True when it says something new. */
  take(bytes: Uint8Array): Result<boolean> {
    const { crypto, context, rights, writer } = this.#ports;
    const invalid = (why: string) => err<ReceiptErrorCode>("ACKNOWLEDGEMENT_INVALID", why);
    const said = verifyAcknowledgement(crypto, bytes);
    if (!said || idKey(said.context) !== idKey(context)) return invalid("not an acknowledgement of this context");
    if (!rights.roleNow(said.member)) return invalid("not of a member");
    const actorKey = acknowledgingActor(crypto, said);
    if (actorKey === writer.actorKey) return ok(false);
    const known = this.#acknowledgers.get(actorKey);
    if (known && !isAhead(said.vector, known.vector)) return ok(false);
    this.#acknowledgers.delete(actorKey);
    this.#acknowledgers.set(actorKey, { vector: joined(said.vector, known?.vector), bytes: bytes.slice() });
    const [silent] = this.#acknowledgers.keys();
    if (this.#acknowledgers.size > ACKNOWLEDGERS_MAX && silent !== undefined) this.#acknowledgers.delete(silent);
    this.#version++;
    this.onProgress();
    return ok(true);
  }

  /** What others may be told: this node's own, of its last flush, and the latest of each other installation. */
  toTell(): Uint8Array[] {
    const { context, crypto, signer, writer, flushed } = this.#ports;
    const { count, vector } = flushed();
    if (this.#own?.count !== count || this.#own.actorKey !== writer.actorKey) {
      const bytes = signAcknowledgement(crypto, signer, { context, replica: writer.replica, vector });
      this.#own = { count, actorKey: writer.actorKey, bytes };
    }
    return [this.#own.bytes, ...[...this.#acknowledgers.values()].map(({ bytes }) => bytes)];
  }

  /** A flush or an acknowledgement may have brought some receipt further. */
  onProgress(): void {
    for (const waiter of this.#waiters) {
      const now = this.of(waiter.id);
      if (now.ok && !meets(now.value, waiter.goal)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(now);
    }
  }

  close(failure: Failure): void {
    for (const waiter of this.#waiters) waiter.resolve(err<ReceiptErrorCode>("RECEIPT_CLOSED", failure.message));
    this.#waiters.clear();
  }

  /** A vector speaks of the chain alone: of a fork beside it nobody is known to hold it. */
  #covering(actorKey: string, sequence: number, isChained: boolean): ReadonlySet<string> {
    const covering = new Set<string>();
    if (!isChained) return covering;
    for (const [by, { vector }] of this.#acknowledgers) if ((vector.get(actorKey) ?? 0) >= sequence) covering.add(by);
    return covering;
  }

  #isStable(covering: ReadonlySet<string>): boolean {
    const { graph, rights, writer } = this.#ports;
    const { rankByMember, actorsByMember, dormantActors } = rights.state;
    // The actor of the genesis writes nothing else, and is nobody's installation.
    const founding = graph.actorKeyOf(0);
    for (const [member, actors] of actorsByMember) {
      if (!rankByMember.get(member)) continue;
      for (const actor of actors) {
        const isAwaited = actor !== writer.actorKey && actor !== founding && !dormantActors.has(actor);
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
