/**
 * The children of elements other than continuations: needed only where siblings meet, so built at the first real
 * concurrency and never by a linear history.
 *
 * A continuation (counter + 1 of the same actor, right side) is found by its id and not listed, so cutting a piece
 * changes nothing here. Siblings ascend by (counter, actor bytes).
 */
import type { Actors } from "./actors.ts";
import { NO_ACTOR } from "./pieces.ts";

/** An element id as one safe integer. */
export type ElementKey = number;

const COUNTER_SPAN = 2 ** 31;

export function elementKey(actor: number, counter: number): ElementKey {
  return (actor - NO_ACTOR) * COUNTER_SPAN + counter;
}

export function keyActor(key: ElementKey): number {
  return Math.floor(key / COUNTER_SPAN) + NO_ACTOR;
}

export function keyCounter(key: ElementKey): number {
  return key % COUNTER_SPAN;
}

export class Branches {
  readonly #actors: Actors;
  readonly #left = new Map<ElementKey, ElementKey[]>();
  readonly #right = new Map<ElementKey, ElementKey[]>();

  constructor(actors: Actors) {
    this.#actors = actors;
  }

  children(origin: ElementKey, isLeft: boolean): readonly ElementKey[] | undefined {
    return (isLeft ? this.#left : this.#right).get(origin);
  }

  add(origin: ElementKey, isLeft: boolean, child: ElementKey): void {
    const lists = isLeft ? this.#left : this.#right;
    const siblings = lists.get(origin);
    if (siblings === undefined) lists.set(origin, [child]);
    else siblings.splice(this.rank(siblings, child), 0, child);
  }

  /** How many of `siblings` stand before `element`. */
  rank(siblings: readonly ElementKey[], element: ElementKey): number {
    let low = 0;
    let high = siblings.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.isBefore(siblings[middle] as ElementKey, element)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  isBefore(a: ElementKey, b: ElementKey): boolean {
    const difference = keyCounter(a) - keyCounter(b);
    if (difference !== 0) return difference < 0;
    return this.#actors.compare(keyActor(a), keyActor(b)) < 0;
  }
}
