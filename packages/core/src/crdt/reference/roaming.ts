/**
 * A replica that wanders through a random history: it writes, takes deltas over from others, flushes, forgets and rolls
 * back, all drawn from a seed. What it holds is closed: with a delta it has everything that its author had seen.
 */
import { assert, type Prng, type Stamp } from "../../base/index.ts";
import { Document } from "../document.ts";
import { textPlugin } from "../fugue-plugin.ts";
import type { Origin } from "../origin.ts";
import type { Transaction } from "../transaction.ts";
import { actorOf, memberOf } from "./draw.ts";
import { MemorySource } from "./memory-source.ts";
import type { Cells } from "./states.ts";
import type { ModelDelta, ModelOperation } from "./subjects/subject.ts";

export type Work = (tx: Transaction, prng: Prng) => ModelOperation | undefined;

export interface RoamingDelta {
  readonly model: ModelDelta;
  readonly joins: Uint8Array;
  readonly origin: Origin;
}

const OPERATIONS_MAX = 4;

export class RoamingReplica {
  readonly source: MemorySource = new MemorySource();
  readonly document: Document = new Document(this.source, textPlugin);
  /** In the order in which they came. */
  readonly deltas: RoamingDelta[] = [];
  readonly #index: number;
  readonly #work: Work;

  constructor(index: number, work: Work) {
    this.#index = index;
    this.#work = work;
  }

  /** Some operations in one transaction, which may be rolled back. Stamps are few, so that many are equal. */
  write(prng: Prng): void {
    const stamp = (this.document.lastStamp + 1 + prng.below(2)) as Stamp;
    // Actors 1 and 2 are installations of one member.
    const origin: Origin = { stamp, actor: actorOf(this.#index), member: memberOf(Math.max(2, this.#index)) };
    const tx = this.document.begin(origin);
    const operations: ModelOperation[] = [];
    for (let left = prng.below(OPERATIONS_MAX + 1); left > 0; left--) {
      const told = this.#work(tx, prng);
      if (told !== undefined) operations.push(told);
    }
    if (prng.chance(0.3)) {
      tx.rollback();
      return;
    }
    const joins = tx.commit();
    if (joins === undefined) return;
    const seen = new Set(this.deltas.map((delta) => delta.model));
    this.deltas.push({ model: { ...origin, operations, seen }, joins, origin });
  }

  /** Takes over the first of what another has, some of it twice. */
  pull(from: RoamingReplica, prng: Prng, count: number = 1 + prng.below(from.deltas.length + 1)): void {
    for (const delta of from.deltas.slice(0, count)) {
      const isKnown = this.deltas.includes(delta);
      if (isKnown && prng.chance(0.8)) continue;
      const applied = this.document.apply(delta.joins, delta.origin);
      assert(applied.ok && applied.value.void === 0, "an honest delta is accepted as a whole");
      if (!isKnown) this.deltas.push(delta);
    }
  }

  pullAll(from: RoamingReplica, prng: Prng): void {
    this.pull(from, prng, from.deltas.length);
  }

  /** What a node does between calls: flush, hash, forget. */
  rest(prng: Prng): void {
    if (prng.chance(0.5)) this.source.put(this.document.takeDirty());
    if (prng.chance(0.5)) this.document.root();
    if (prng.chance(0.5)) this.document.release();
  }

  /** Everything that is here, flushed. */
  state(): Cells {
    this.source.put(this.document.takeDirty());
    return new Map(this.source.cells());
  }
}
