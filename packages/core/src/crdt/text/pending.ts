/**
 * Local operations not yet taken as a join: only which ids were inserted and which were deleted. Origins, contents and
 * the deletion of what was just inserted are read from the sequence when the join is taken.
 */
import { assert } from "../../base/index.ts";
import type { Fragment } from "./fragment.ts";
import { gatherRange } from "./gather.ts";
import { NO_ACTOR } from "./pieces.ts";
import type { Sequence } from "./sequence.ts";

const STRIDE = 3;

export class Pending {
  #actor: number = NO_ACTOR;
  /** (start, end) of own elements, ascending. */
  #inserted: number[] = [];
  /** (actor, start, end) in order of deletion. */
  #deleted: number[] = [];

  get isEmpty(): boolean {
    return this.#actor === NO_ACTOR;
  }

  /** Notes who edits: one actor between two joins. */
  begin(actor: number): number {
    assert(this.#actor === NO_ACTOR || this.#actor === actor, "a join has one actor");
    this.#actor = actor;
    return actor;
  }

  inserted(start: number, length: number): void {
    const last = this.#inserted.length - 1;
    if (last > 0 && this.#inserted[last] === start) this.#inserted[last] = start + length;
    else this.#inserted.push(start, start + length);
  }

  /** Notes a deletion, except of what this join inserts: there it shows by itself. */
  deleted(actor: number, start: number, end: number): void {
    const own = this.#inserted[0];
    const stop = actor === this.#actor && own !== undefined ? Math.min(end, own) : end;
    if (stop <= start) return;
    const all = this.#deleted;
    const last = all.length - STRIDE;
    if (last >= 0 && all[last] === actor && all[last + 1] === stop) all[last + 1] = start;
    else if (last >= 0 && all[last] === actor && all[last + 2] === start) all[last + 2] = stop;
    else all.push(actor, start, stop);
  }

  /** Writes the join and forgets the operations. */
  take(sequence: Sequence, into: Fragment): void {
    const { actors } = sequence;
    into.reset();
    const ranges: [number, number, number][] = [];
    for (let at = 0; at < this.#deleted.length; at += STRIDE) {
      ranges.push([this.#deleted[at] as number, this.#deleted[at + 1] as number, this.#deleted[at + 2] as number]);
    }
    if (ranges.length > 1) ranges.sort((a, b) => actors.rank(a[0]) - actors.rank(b[0]) || a[1] - b[1]);
    for (const [actor, start, end] of ranges) {
      if (actor === this.#actor) into.addDeleted(start, end);
      else addForeign(into, into.number(actors.id(actor)), start, end);
    }
    for (let at = 0; at < this.#inserted.length; at += 2) {
      gatherRange(sequence, this.#actor, this.#inserted[at] as number, this.#inserted[at + 1] as number, into);
    }
    into.sortDictionary();
    this.#actor = NO_ACTOR;
    this.#inserted.length = 0;
    this.#deleted.length = 0;
  }
}

function addForeign(into: Fragment, actor: number, start: number, end: number): void {
  const last = into.foreign.length - STRIDE;
  if (last >= 0 && into.foreign[last] === actor && into.foreign[last + 2] === start) into.foreign[last + 2] = end;
  else into.foreign.push(actor, start, end);
}
