/**
 * A set of elements of one actor in run form: what a block holds and what a join carries.
 *
 * Runs ascend by counter and are maximal: a run's elements after the first are right children of the one before.
 * Deleted ranges ascend and are maximal. Contents are those of the elements that are not deleted, in counter order.
 * Actors are numbered by the fragment's own dictionary: 0 is the owner, `dictionary[n - 1]` is n.
 */
import { compareBytes } from "../../base/index.ts";
import { NO_ACTOR } from "./pieces.ts";

export const RUN_STRIDE = 5;
const INITIAL = 16;

/** The owner of a fragment, in its own numbering. */
export const OWNER = 0;

export class Fragment {
  /** Actors other than the owner; ascending once `sortDictionary` ran. */
  dictionary: Uint8Array[] = [];
  /** (start, length, origin counter, origin actor, side: 1 left) per run. */
  runs: Int32Array = new Int32Array(INITIAL * RUN_STRIDE);
  runCount = 0;
  /** (start, end) per range. */
  deleted: Int32Array = new Int32Array(INITIAL * 2);
  deletedCount = 0;
  content: Uint16Array = new Uint16Array(INITIAL);
  contentCount = 0;
  /** (actor, start, end) per range of other actors' elements; only joins have these. */
  foreign: number[] = [];
  /** Set by decoding: elements in `deleted` that are in no run. */
  ghostUnits = 0;
  /** How far a reader that goes through the runs in order has come. */
  contentAt = 0;
  deletedAt = 0;

  reset(): void {
    if (this.dictionary.length > 0) this.dictionary = [];
    if (this.foreign.length > 0) this.foreign = [];
    this.runCount = 0;
    this.deletedCount = 0;
    this.contentCount = 0;
    this.ghostUnits = 0;
    this.contentAt = 0;
    this.deletedAt = 0;
  }

  get isEmpty(): boolean {
    return this.runCount === 0 && this.deletedCount === 0 && this.foreign.length === 0;
  }

  /** The counter after the last element of a run; 0 when there is none. */
  get end(): number {
    const last = (this.runCount - 1) * RUN_STRIDE;
    return last < 0 ? 0 : runStart(this, last) + runLength(this, last);
  }

  /** Adds a run after all others, or lengthens the last one when it goes on. */
  addRun(start: number, length: number, originCounter: number, originActor: number, side: number): void {
    const last = (this.runCount - 1) * RUN_STRIDE;
    const goesOn = originCounter === start - 1 && originActor === OWNER && side === 0;
    if (goesOn && last >= 0 && runStart(this, last) + runLength(this, last) === start) {
      this.runs[last + 1] = runLength(this, last) + length;
      return;
    }
    const at = this.runCount * RUN_STRIDE;
    if (at === this.runs.length) this.runs = grown(this.runs, new Int32Array(this.runs.length * 2));
    this.runs[at] = start;
    this.runs[at + 1] = length;
    this.runs[at + 2] = originCounter;
    this.runs[at + 3] = originActor;
    this.runs[at + 4] = side;
    this.runCount++;
  }

  /** Adds a range at or after the end of the last one. */
  addDeleted(start: number, end: number): void {
    const last = this.deletedCount * 2 - 1;
    if (last > 0 && this.deleted[last] === start) {
      this.deleted[last] = end;
      return;
    }
    if (last + 1 === this.deleted.length) this.deleted = grown(this.deleted, new Int32Array(this.deleted.length * 2));
    this.deleted[last + 1] = start;
    this.deleted[last + 2] = end;
    this.deletedCount++;
  }

  addContent(source: Uint16Array, from: number, length: number): void {
    const content = this.reserveContent(length);
    let at = this.contentCount;
    for (let i = from; i < from + length; i++) content[at++] = source[i] as number;
    this.contentCount = at;
  }

  reserveContent(length: number): Uint16Array {
    const needed = this.contentCount + length;
    if (needed > this.content.length) {
      this.content = grown(this.content, new Uint16Array(Math.max(needed, this.content.length * 2)));
    }
    return this.content;
  }

  /** The fragment's number of an actor that is not the owner. */
  number(actor: Uint8Array): number {
    const known = this.dictionary.indexOf(actor);
    return known >= 0 ? known + 1 : this.dictionary.push(actor);
  }

  /** Puts the dictionary in its canonical order. */
  sortDictionary(): void {
    if (this.dictionary.length < 2) return;
    const before = this.dictionary;
    this.dictionary = [...before].sort(compareBytes);
    const renumbered = before.map((actor) => this.dictionary.indexOf(actor) + 1);
    for (let at = 3; at < this.runCount * RUN_STRIDE; at += RUN_STRIDE) {
      const actor = this.runs[at] as number;
      if (actor !== NO_ACTOR && actor !== OWNER) this.runs[at] = renumbered[actor - 1] as number;
    }
    for (let at = 0; at < this.foreign.length; at += 3) {
      this.foreign[at] = renumbered[(this.foreign[at] as number) - 1] as number;
    }
  }
}

/** Reads of one run, by its offset in `runs`. */
export function runStart(fragment: Fragment, at: number): number {
  return fragment.runs[at] as number;
}

export function runLength(fragment: Fragment, at: number): number {
  return fragment.runs[at + 1] as number;
}

export function runOriginCounter(fragment: Fragment, at: number): number {
  return fragment.runs[at + 2] as number;
}

export function runOriginActor(fragment: Fragment, at: number): number {
  return fragment.runs[at + 3] as number;
}

export function runSide(fragment: Fragment, at: number): number {
  return fragment.runs[at + 4] as number;
}

function grown<T extends Int32Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
