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
  readonly #inserted: number[] = [];
  #insertedEnd = 0;
  /** (actor, start, end) in order of deletion. */
  readonly #deleted: number[] = [];
  #deletedEnd = 0;

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
    const all = this.#inserted;
    const end = this.#insertedEnd;
    if (end > 0 && all[end - 1] === start) {
      all[end - 1] = start + length;
      return;
    }
    all[end] = start;
    all[end + 1] = start + length;
    this.#insertedEnd = end + 2;
  }

  /** Notes a deletion, except of what this join inserts: there it shows by itself. */
  deleted(actor: number, start: number, end: number): void {
    const hasOwn = actor === this.#actor && this.#insertedEnd > 0;
    const stop = hasOwn ? Math.min(end, this.#inserted[0] as number) : end;
    if (stop <= start) return;
    const all = this.#deleted;
    const at = this.#deletedEnd;
    const isSame = at > 0 && all[at - STRIDE] === actor;
    if (isSame && all[at - 2] === stop) {
      all[at - 2] = start;
    } else if (isSame && all[at - 1] === start) {
      all[at - 1] = stop;
    } else {
      all[at] = actor;
      all[at + 1] = start;
      all[at + 2] = stop;
      this.#deletedEnd = at + STRIDE;
    }
  }

  /** Writes the join and forgets the operations. */
  take(sequence: Sequence, into: Fragment): void {
    into.reset();
    if (this.#deletedEnd > STRIDE) this.#sortDeleted(sequence);
    const deleted = this.#deleted;
    for (let at = 0; at < this.#deletedEnd; at += STRIDE) {
      const actor = deleted[at] as number;
      const start = deleted[at + 1] as number;
      const end = deleted[at + 2] as number;
      if (actor === this.#actor) into.addDeleted(start, end);
      else addForeign(into, into.number(sequence.actors.id(actor)), start, end);
    }
    for (let at = 0; at < this.#insertedEnd; at += 2) {
      gatherRange(sequence, this.#actor, this.#inserted[at] as number, this.#inserted[at + 1] as number, into);
    }
    into.sortDictionary();
    this.#actor = NO_ACTOR;
    this.#insertedEnd = 0;
    this.#deletedEnd = 0;
  }

  #sortDeleted({ actors }: Sequence): void {
    const ranges: [number, number, number][] = [];
    for (let at = 0; at < this.#deletedEnd; at += STRIDE) {
      ranges.push([this.#deleted[at] as number, this.#deleted[at + 1] as number, this.#deleted[at + 2] as number]);
    }
    ranges.sort((a, b) => actors.compare(a[0], b[0]) || a[1] - b[1]);
    for (let i = 0; i < ranges.length; i++) {
      for (let k = 0; k < STRIDE; k++) this.#deleted[i * STRIDE + k] = ranges[i]?.[k] as number;
    }
  }
}

function addForeign(into: Fragment, actor: number, start: number, end: number): void {
  const last = into.foreign.length - STRIDE;
  if (last >= 0 && into.foreign[last] === actor && into.foreign[last + 2] === start) into.foreign[last + 2] = end;
  else into.foreign.push(actor, start, end);
}
