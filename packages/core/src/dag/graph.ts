/**
 * The causal graph of one context: every admitted delta by its place in admission order, which is a topological order.
 *
 * Owns three invariants: a delta enters once, after all its parents and its actor's previous delta; heads are exactly
 * the deltas that no admitted delta names as a parent; a stamp is greater than that of each parent. Ids become small
 * integers here (the order) and go out as ids again: an order is this node's own and never enters a hash.
 */
import { type ActorId, assert, type DeltaId, must, STAMP_ZERO, type Stamp } from "../base/index.ts";
import type { DeltaHeader } from "./delta.ts";

/** A node's own number of a delta: its place in admission order, from 0. */
export type Order = number;

/** The last sequence held of each actor: what a peer needs to know to send exactly what is missing. */
export type VersionVector = ReadonlyMap<string, number>;

/** What may be read of a graph by those who do not append to it. */
export type GraphReader = Pick<Graph, "size" | "has" | "orderOf" | "idOf" | "parentsOf" | "actorOf" | "stampOf">;

export class Graph {
  readonly #orderByKey = new Map<string, Order>();
  readonly #idByOrder: DeltaId[] = [];
  readonly #stampByOrder: Stamp[] = [];
  readonly #actorByOrder: number[] = [];
  readonly #sequenceByOrder: number[] = [];
  readonly #parentsByOrder: (readonly Order[])[] = [];
  readonly #heads = new Set<Order>();
  readonly #actors: ActorId[] = [];
  readonly #actorKeys: string[] = [];
  readonly #actorByKey = new Map<string, number>();
  /** Per actor, the order of its delta of sequence i + 1; of two with one sequence, the one admitted first. */
  readonly #chains: Order[][] = [];
  /** Deltas that share actor and sequence with an earlier one: proofs of equivocation. */
  readonly #forks: Order[] = [];
  #stampMax: Stamp = STAMP_ZERO;
  /** Made when it is asked for, and again after an append: what was given out does not change. */
  #vector: VersionVector | undefined;

  get size(): number {
    return this.#idByOrder.length;
  }

  /** The greatest stamp of any admitted delta. */
  get stampMax(): Stamp {
    return this.#stampMax;
  }

  get forks(): readonly Order[] {
    return this.#forks;
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

  actorKeyOf(order: Order): string {
    return must(this.#actorKeys[must(this.#actorByOrder[order], "an order of this graph")], "an interned actor");
  }

  sequenceOf(order: Order): number {
    return must(this.#sequenceByOrder[order], "an order of this graph");
  }

  parentsOf(order: Order): readonly Order[] {
    return must(this.#parentsByOrder[order], "an order of this graph");
  }

  /** Orders of the heads, oldest first. */
  heads(): Order[] {
    return [...this.#heads].sort((a, b) => a - b);
  }

  /** Appends a delta whose parents and previous delta are here; returns its order. */
  append(delta: DeltaHeader, parents: readonly Order[]): Order {
    const order = this.size;
    assert(!this.has(delta.key), "a delta is admitted once");
    for (const parent of parents) {
      assert(parent < order && this.stampOf(parent) < delta.stamp, "a delta follows its parents in order and stamp");
      this.#heads.delete(parent);
    }
    const actor = this.#internActor(delta);
    this.#orderByKey.set(delta.key, order);
    this.#idByOrder.push(delta.id.slice() as DeltaId);
    this.#stampByOrder.push(delta.stamp);
    this.#actorByOrder.push(actor);
    this.#sequenceByOrder.push(delta.sequence);
    this.#parentsByOrder.push(parents);
    this.#heads.add(order);
    if (delta.stamp > this.#stampMax) this.#stampMax = delta.stamp;
    this.#extendChain(actor, delta.sequence, order);
    this.#vector = undefined;
    return order;
  }

  vector(): VersionVector {
    this.#vector ??= new Map([...this.#actorByKey].map(([key, actor]) => [key, this.#chain(actor).length]));
    return this.#vector;
  }

  /** The last delta of an actor; undefined when it has none here. */
  tipOf(actorKey: string): Order | undefined {
    const actor = this.#actorByKey.get(actorKey);
    return actor === undefined ? undefined : this.#chain(actor).at(-1);
  }

  /**
   * Orders that a peer with `vector` lacks, oldest first: walked as far as they are asked for, so that a page costs what
   * is in it. Of a fork only what lies beyond the vector is among them: the rest it does not tell of.
   */
  *missingFrom(vector: VersionVector): Generator<Order> {
    const heldByActor: number[] = [];
    let first = this.size;
    for (const [key, actor] of this.#actorByKey) {
      const held = vector.get(key) ?? 0;
      heldByActor[actor] = held;
      first = Math.min(first, this.#chain(actor)[held] ?? first);
    }
    for (let order = first; order < this.size; order++) {
      const held = heldByActor[must(this.#actorByOrder[order], "an order of this graph")] ?? 0;
      if (this.sequenceOf(order) > held) yield order;
    }
  }

  #internActor(delta: DeltaHeader): number {
    const known = this.#actorByKey.get(delta.actorKey);
    if (known !== undefined) return known;
    const actor = this.#actors.length;
    this.#actors.push(delta.actor.slice() as ActorId);
    this.#actorKeys.push(delta.actorKey);
    this.#actorByKey.set(delta.actorKey, actor);
    this.#chains.push([]);
    return actor;
  }

  #extendChain(actor: number, sequence: number, order: Order): void {
    const chain = this.#chain(actor);
    assert(sequence <= chain.length + 1, "an actor's deltas come in sequence");
    if (sequence === chain.length + 1) chain.push(order);
    else this.#forks.push(order);
  }

  #chain(actor: number): Order[] {
    return must(this.#chains[actor], "an interned actor");
  }
}
