/** Local operations of a list not yet taken as joins: which elements they touched; what became of those is read then. */
import type { ActorId } from "../../base/index.ts";
import type { Birth, Deletion, ListJoins, ListSet, Move, Target } from "../joins/list-joins.ts";
import { type ElementKey, keyCounter } from "../text/branches.ts";
import type { Items } from "./items.ts";

export class PendingItems {
  readonly born: Set<ElementKey> = new Set();
  readonly moved: Set<ElementKey> = new Set();
  readonly set: Set<ElementKey> = new Set();
  readonly deleted: Set<ElementKey> = new Set();

  get isEmpty(): boolean {
    return this.born.size + this.moved.size + this.set.size + this.deleted.size === 0;
  }

  /** The joins of `owner`, and forgets the operations. */
  take(items: Items, owner: ActorId, positions: Uint8Array): ListJoins {
    const target = (element: ElementKey): Target => {
      const actor = items.actorOf(element);
      return { actor: actor === owner ? undefined : actor, counter: keyCounter(element) };
    };
    const births: Birth[] = [];
    for (const element of this.born) {
      const value = items.value(element);
      if (value !== undefined) births.push({ counter: keyCounter(element), content: value.content });
    }
    const moves: Move[] = [];
    for (const element of this.moved) {
      const location = items.location(element);
      if (location !== undefined) moves.push({ counter: location.counter, target: target(element) });
    }
    const sets: ListSet[] = [];
    for (const element of this.set) {
      const value = this.born.has(element) ? undefined : items.value(element);
      if (value !== undefined) sets.push({ target: target(element), content: value.content });
    }
    const deletes = deletionsOf([...this.deleted].map(target));
    this.born.clear();
    this.moved.clear();
    this.set.clear();
    this.deleted.clear();
    return { positions, births, moves: moves.sort((a, b) => a.counter - b.counter), sets, deletes };
  }
}

/** Joins neighbours in the order of deletion: a list deleted from its start on is one run per insertion. */
function deletionsOf(targets: readonly Target[]): Deletion[] {
  const deletions: { target: Target; length: number }[] = [];
  for (const target of targets) {
    const last = deletions.at(-1);
    const goesOn =
      last !== undefined && last.target.actor === target.actor && last.target.counter + last.length === target.counter;
    if (goesOn) last.length++;
    else deletions.push({ target, length: 1 });
  }
  return deletions;
}
