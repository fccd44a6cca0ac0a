/**
 * A session's searches by ranges, both ends: asking for what vectors cannot tell of, and answering from a set of sums
 * that is kept for a while, so that one search is answered from one set.
 *
 * Bounded: one search at a time and not one after another, a set only of contexts up to a size, and none kept for long.
 */
import type { Clock, DeltaId } from "../../base/index.ts";
import { idKey } from "../../base/index.ts";
import type { Replica } from "../../replica/index.ts";
import { RANGE_ITEMS_MAX, RANGE_KEPT_MS, RANGE_SEARCH_AGAIN_MS } from "../limits.ts";
import { type Bound, RangeSet } from "./range-set.ts";
import { answerRanges, type RangeAnswer, type RangeClaim, Reconciliation } from "./reconcile.ts";

export interface RangeSearchPorts {
  readonly replica: Pick<Replica, "graph" | "holds">;
  readonly crypto: { sha256(bytes: Uint8Array): Uint8Array };
  /** What the two ends of the connection share, and nobody knew before. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly ask: (claims: readonly RangeClaim[]) => void;
  readonly answer: (answer: RangeAnswer) => void;
}

export class RangeSearch {
  readonly #ports: RangeSearchPorts;
  #search: Reconciliation | undefined;
  #begunMs = Number.NEGATIVE_INFINITY;
  #kept: { readonly set: RangeSet; usedMs: number } | undefined;

  constructor(ports: RangeSearchPorts) {
    this.#ports = ports;
  }

  get isRunning(): boolean {
    return this.#search !== undefined;
  }

  /** Begins a search; false when one ran a moment ago, or the context is too large for it. */
  begin(): boolean {
    const { clock, replica } = this.#ports;
    const now = clock.now();
    if (Math.abs(now - this.#begunMs) < RANGE_SEARCH_AGAIN_MS || replica.graph.size > RANGE_ITEMS_MAX) return false;
    this.#begunMs = now;
    this.#search = new Reconciliation(this.#set());
    this.#askOn();
    return true;
  }

  /** Ids that are not here, once the search has found all; undefined before. */
  onAnswer(answer: RangeAnswer): DeltaId[] | undefined {
    const search = this.#search;
    if (!search) return undefined;
    if (search.onAnswer(answer)) this.#askOn();
    else this.#search = undefined;
    if (!search.isDone) return undefined;
    this.#search = undefined;
    return search.found.filter((id) => !this.#ports.replica.holds(idKey(id)));
  }

  onAsked(claims: readonly RangeClaim[]): void {
    const { replica, answer } = this.#ports;
    if (replica.graph.size > RANGE_ITEMS_MAX) return;
    answer(answerRanges(this.#set(), claims));
  }

  tick(): void {
    const now = this.#ports.clock.now();
    if (this.#kept && Math.abs(now - this.#kept.usedMs) >= RANGE_KEPT_MS) this.#kept = undefined;
    // The question or its answer was lost.
    if (Math.abs(now - this.#begunMs) >= RANGE_KEPT_MS) this.#search = undefined;
  }

  #askOn(): void {
    const claims = this.#search?.ask();
    if (claims) this.#ports.ask(claims);
  }

  #set(): RangeSet {
    const { crypto, key, clock, replica } = this.#ports;
    const set = this.#kept?.set ?? new RangeSet(crypto, key, itemsOf(replica.graph));
    this.#kept = { set, usedMs: clock.now() };
    return set;
  }
}

function* itemsOf(graph: Replica["graph"]): Generator<Bound> {
  for (let order = 0; order < graph.size; order++) yield { stamp: graph.stampOf(order), id: graph.idOf(order) };
}
