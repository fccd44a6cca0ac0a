/**
 * The actors' deltas as chains, one for each actor: entry i is its delta of sequence i + 1. Two deltas of one sequence
 * are a fork: the one admitted first stands in the chain, the other beside it.
 *
 * Owns what follows from the chains: the version vector, what a peer lacks, and which pairs of deltas prove that an
 * actor equivocated. An actor's deltas come in sequence; anything else is a broken invariant.
 */
import { assert, must } from "../base/index.ts";
import type { Order } from "./graph.ts";
import { mergeAscending } from "./merge-ascending.ts";

/** The last sequence held of each actor: what a peer needs to know to send exactly what is missing. */
export type VersionVector = ReadonlyMap<string, number>;

export class Chains {
  readonly #indexByActor = new Map<string, number>();
  readonly #keys: string[] = [];
  readonly #chains: Order[][] = [];
  readonly #prevByOrder: (Order | undefined)[] = [];
  readonly #forks: Order[] = [];
  readonly #forksByActor = new Map<number, Order[]>();
  /** Of forks alone: the first that follows a delta, or, under a negative key, the actor's second first one. */
  readonly #forkByPrev = new Map<number, Order>();
  readonly #equivocations: (readonly [Order, Order])[] = [];
  /** Made when it is asked for, and again after an append: what was given out does not change. */
  #vector: VersionVector | undefined;

  get forks(): readonly Order[] {
    return this.#forks;
  }

  get equivocations(): readonly (readonly [Order, Order])[] {
    return this.#equivocations;
  }

  /** The actor's small number, given at its first delta. */
  intern(actorKey: string): { readonly index: number; readonly isNew: boolean } {
    const known = this.#indexByActor.get(actorKey);
    if (known !== undefined) return { index: known, isNew: false };
    const index = this.#chains.length;
    this.#indexByActor.set(actorKey, index);
    this.#keys.push(actorKey);
    this.#chains.push([]);
    return { index, isNew: true };
  }

  keyOf(actor: number): string {
    return must(this.#keys[actor], "an interned actor");
  }

  append(actor: number, sequence: number, order: Order, prev: Order | undefined): void {
    const chain = this.#chain(actor);
    assert(sequence <= chain.length + 1, "an actor's deltas come in sequence");
    this.#prevByOrder.push(prev);
    this.#vector = undefined;
    if (sequence === chain.length + 1) chain.push(order);
    else this.#addFork(actor, sequence, order, prev);
  }

  prevOf(order: Order): Order | undefined {
    return this.#prevByOrder[order];
  }

  /** A delta that names `order`, of this actor and sequence, as its previous. */
  nextOf(actor: number, sequence: number, order: Order): Order | undefined {
    const next = this.#chain(actor)[sequence];
    return next !== undefined && this.#prevByOrder[next] === order ? next : this.#forkByPrev.get(order);
  }

  vector(): VersionVector {
    this.#vector ??= new Map([...this.#indexByActor].map(([key, actor]) => [key, this.#chain(actor).length]));
    return this.#vector;
  }

  tipOf(actorKey: string): Order | undefined {
    const actor = this.#indexByActor.get(actorKey);
    return actor === undefined ? undefined : this.#chain(actor).at(-1);
  }

  ordersOf(actorKey: string): Order[] {
    const actor = this.#indexByActor.get(actorKey);
    if (actor === undefined) return [];
    return [...this.#chain(actor), ...(this.#forksByActor.get(actor) ?? [])].sort((a, b) => a - b);
  }

  /**
   * Orders that a peer with `vector` lacks, in topological order, made as they are asked for. Of forks, which a vector
   * cannot tell, those since the first that it lacks: older ones are asked for by id, as what others stand on.
   */
  *missingFrom(vector: VersionVector): Generator<Order> {
    const runs: { readonly items: readonly Order[]; at: number }[] = [];
    let first = Number.POSITIVE_INFINITY;
    for (const [key, actor] of this.#indexByActor) {
      const orders = this.#chain(actor);
      const at = vector.get(key) ?? 0;
      if (at >= orders.length) continue;
      first = Math.min(first, must(orders[at], "within the chain"));
      runs.push({ items: orders, at });
    }
    const fork = this.#forks.findIndex((order) => order > first);
    if (fork >= 0) runs.push({ items: this.#forks, at: fork });
    yield* mergeAscending(runs);
  }

  #addFork(actor: number, sequence: number, order: Order, prev: Order | undefined): void {
    this.#forks.push(order);
    const forks = this.#forksByActor.get(actor);
    if (forks) forks.push(order);
    else this.#forksByActor.set(actor, [order]);
    const key = prev ?? -1 - actor;
    const chained = must(this.#chain(actor)[sequence - 1], "a fork's place in the chain is taken");
    const sibling = this.#prevByOrder[chained] === prev ? chained : this.#forkByPrev.get(key);
    if (sibling !== undefined) this.#equivocations.push([sibling, order]);
    if (!this.#forkByPrev.has(key)) this.#forkByPrev.set(key, order);
  }

  #chain(actor: number): Order[] {
    return must(this.#chains[actor], "an interned actor");
  }
}
