/**
 * The causal graph of one context: every admitted delta by its place in admission order, which is a topological order.
 *
 * Owns three invariants: a delta enters once, after all its parents and its actor's previous delta; heads are exactly
 * the deltas that no admitted delta names as a parent; a stamp is greater than that of each parent. Ids become small
 * integers here (the order) and go out as ids again: an order is this node's own and never enters a hash.
 */
import { type ActorId, assert, type DeltaId, must, STAMP_ZERO, type Stamp } from "../base/index.ts";
import { Chains, type VersionVector } from "./chains.ts";
import type { DeltaHeader } from "./delta.ts";

/** A node's own number of a delta: its place in admission order, from 0. */
export type Order = number;

/** What may be read of a graph by those who do not append to it. */
export type GraphReader = Pick<Graph, "size" | "has" | "orderOf" | "idOf" | "parentsOf" | "actorOf" | "stampOf">;

/** Where a delta stands: what it follows, and how it is known to be its actor's. */
export interface Place {
  readonly parents: readonly Order[];
  /** The same actor's delta before this one; undefined in its first. */
  readonly prev: Order | undefined;
  /** Whether its own signature was checked; if not, a later one of its actor vouches for it. */
  readonly isSigned: boolean;
  /** Whether it says nothing, and only brings together what it follows. */
  readonly isBare: boolean;
}

export class Graph {
  readonly #orderByKey = new Map<string, Order>();
  readonly #idByOrder: DeltaId[] = [];
  readonly #stampByOrder: Stamp[] = [];
  readonly #actorByOrder: number[] = [];
  readonly #sequenceByOrder: number[] = [];
  readonly #parentsByOrder: (readonly Order[])[] = [];
  readonly #isSignedByOrder: boolean[] = [];
  readonly #isPrunedByOrder: boolean[] = [];
  /** In ascending order, since each is added when it is the greatest. */
  readonly #heads = new Set<Order>();
  readonly #bareHeads = new Set<Order>();
  readonly #actors: ActorId[] = [];
  readonly #chains = new Chains();
  #stampMax: Stamp = STAMP_ZERO;

  get size(): number {
    return this.#idByOrder.length;
  }

  /** The greatest stamp of any admitted delta. */
  get stampMax(): Stamp {
    return this.#stampMax;
  }

  /** Heads that say something: those that say nothing are merges, and a merge is never made for the sake of merges. */
  get tellingHeadCount(): number {
    return this.#heads.size - this.#bareHeads.size;
  }

  /** Deltas that share actor and sequence with an earlier one. */
  get forks(): readonly Order[] {
    return this.#chains.forks;
  }

  /** Pairs of one actor that follow the same delta: each proves that the actor equivocated. */
  get equivocations(): readonly (readonly [Order, Order])[] {
    return this.#chains.equivocations;
  }

  has(key: string): boolean {
    return this.#orderByKey.has(key);
  }

  orderOf(key: string): Order | undefined {
    return this.#orderByKey.get(key);
  }

  idOf(order: Order): DeltaId {
    return must(this.#idByOrder[order], "an order of this graph");
  }

  stampOf(order: Order): Stamp {
    return must(this.#stampByOrder[order], "an order of this graph");
  }

  actorOf(order: Order): ActorId {
    return must(this.#actors[must(this.#actorByOrder[order], "an order of this graph")], "an interned actor");
  }

  /** `idKey` of the actor. */
  actorKeyOf(order: Order): string {
    return this.#chains.keyOf(must(this.#actorByOrder[order], "an order of this graph"));
  }

  sequenceOf(order: Order): number {
    return must(this.#sequenceByOrder[order], "an order of this graph");
  }

  parentsOf(order: Order): readonly Order[] {
    return must(this.#parentsByOrder[order], "an order of this graph");
  }

  prevOf(order: Order): Order | undefined {
    return this.#chains.prevOf(order);
  }

  /** A delta of the same actor that names this one as its previous: it vouches for it. */
  nextOf(order: Order): Order | undefined {
    const actor = must(this.#actorByOrder[order], "an order of this graph");
    return this.#chains.nextOf(actor, this.sequenceOf(order), order);
  }

  isSigned(order: Order): boolean {
    return must(this.#isSignedByOrder[order], "an order of this graph");
  }

  /** Notes that the delta's own signature was checked and is good. */
  markSigned(order: Order): void {
    this.#isSignedByOrder[order] = true;
  }

  /** Whether the payload is not here. */
  isPruned(order: Order): boolean {
    return must(this.#isPrunedByOrder[order], "an order of this graph");
  }

  /** Notes that the payload has come, or is dropped. */
  markPruned(order: Order, isPruned: boolean): void {
    this.#isPrunedByOrder[order] = isPruned;
  }

  /** Orders of the heads, oldest first. */
  heads(): Order[] {
    return [...this.#heads];
  }

  /** Appends a delta whose parents and previous delta are here; returns its order. */
  append(delta: DeltaHeader, { parents, prev, isSigned, isBare }: Place): Order {
    const order = this.size;
    assert(!this.has(delta.key), "a delta is admitted once");
    for (const parent of parents) {
      assert(parent < order && this.stampOf(parent) < delta.stamp, "a delta follows its parents in order and stamp");
      this.#heads.delete(parent);
      this.#bareHeads.delete(parent);
    }
    const { index: actor, isNew } = this.#chains.intern(delta.actorKey);
    if (isNew) this.#actors.push(delta.actor.slice() as ActorId);
    this.#orderByKey.set(delta.key, order);
    this.#idByOrder.push(delta.id.slice() as DeltaId);
    this.#stampByOrder.push(delta.stamp);
    this.#actorByOrder.push(actor);
    this.#sequenceByOrder.push(delta.sequence);
    this.#parentsByOrder.push(parents);
    this.#isSignedByOrder.push(isSigned);
    this.#isPrunedByOrder.push(delta.isPruned);
    this.#heads.add(order);
    if (isBare) this.#bareHeads.add(order);
    if (delta.stamp > this.#stampMax) this.#stampMax = delta.stamp;
    this.#chains.append(actor, delta.sequence, order, prev);
    return order;
  }

  vector(): VersionVector {
    return this.#chains.vector();
  }

  /** The last delta of an actor; undefined when it has none here. */
  tipOf(actorKey: string): Order | undefined {
    return this.#chains.tipOf(actorKey);
  }

  /** All deltas of an actor, oldest first. */
  ordersOf(actorKey: string): Order[] {
    return this.#chains.ordersOf(actorKey);
  }

  /** Orders that a peer with `vector` lacks, oldest first, made as they are asked for. */
  missingFrom(vector: VersionVector): Iterable<Order> {
    return this.#chains.missingFrom(vector);
  }
}
