/**
 * Finding which deltas of another set are not here, where version vectors cannot tell: the branches of an actor that
 * forked. The asking side sends fingerprints of ranges of its own set; the other answers each range that differs with its
 * ids, when they are few, or with the fingerprints of its parts, which are compared and asked for in turn. A million
 * deltas take five round trips, and what crosses is in proportion to the difference.
 *
 * One direction only: who lacks something asks. Refuses: parts that do not lie within what was asked for, so an answer
 * never makes the search larger; ids are only where to look, since what comes is admitted like any delta.
 */
import { bytesEqual, type DeltaId, idKey } from "../../base/index.ts";
import { RANGE_IDS_MAX, RANGE_PARTS, RANGES_PER_FRAME_MAX } from "../limits.ts";
import { compareBounds, type Fingerprint, type Range, type RangeSet } from "./range-set.ts";

/** A range and what the asking side holds in it, or the answering side in a part of it. */
export interface RangeClaim extends Range {
  readonly fingerprint: Fingerprint;
}

export interface RangeAnswer {
  /** Ids that lie in ranges that differ and hold few. */
  readonly ids: readonly DeltaId[];
  /** Parts of those that hold more. */
  readonly parts: readonly RangeClaim[];
}

/** The answering side: what of its set lies in ranges that differ. */
export function answerRanges(own: RangeSet, claims: readonly RangeClaim[]): RangeAnswer {
  const ids: DeltaId[] = [];
  const parts: RangeClaim[] = [];
  for (const claim of claims) {
    const fingerprint = own.fingerprint(claim);
    if (isEqual(fingerprint, claim.fingerprint) || fingerprint.count === 0) continue;
    if (fingerprint.count <= RANGE_IDS_MAX) ids.push(...own.ids(claim));
    else for (const part of own.split(claim, RANGE_PARTS)) parts.push({ ...part, fingerprint: own.fingerprint(part) });
  }
  return { ids, parts };
}

/** The asking side, from its first question to the ids that are not here. */
export class Reconciliation {
  readonly #own: RangeSet;
  /** Ranges that differ and are still to be asked for. */
  readonly #open: Range[] = [{ from: undefined, to: undefined }];
  #asked: readonly Range[] = [];
  readonly #neededByKey = new Map<string, DeltaId>();

  constructor(own: RangeSet) {
    this.#own = own;
  }

  get isDone(): boolean {
    return this.#open.length === 0 && this.#asked.length === 0;
  }

  /** Ids that the other side holds in ranges that differ: those that are here too among them. */
  get found(): readonly DeltaId[] {
    return [...this.#neededByKey.values()];
  }

  /** The next question; undefined while one is out, or when all is found. */
  ask(): RangeClaim[] | undefined {
    if (this.#asked.length > 0 || this.#open.length === 0) return undefined;
    this.#asked = this.#open.splice(0, RANGES_PER_FRAME_MAX);
    return this.#asked.map((range) => ({ ...range, fingerprint: this.#own.fingerprint(range) }));
  }

  /** False for an answer that nobody asked for. */
  onAnswer({ ids, parts }: RangeAnswer): boolean {
    const asked = this.#asked;
    if (asked.length === 0) return false;
    this.#asked = [];
    for (const id of ids) this.#neededByKey.set(idKey(id), id.slice() as DeltaId);
    for (const part of parts) {
      if (!asked.some((range) => isWithin(part, range))) return false;
      if (!isEqual(this.#own.fingerprint(part), part.fingerprint)) this.#open.push({ from: part.from, to: part.to });
    }
    return true;
  }
}

function isEqual(a: Fingerprint, b: Fingerprint): boolean {
  return a.count === b.count && bytesEqual(a.sum, b.sum);
}

/** Within, and smaller: what is asked for again has come down. */
function isWithin(part: Range, range: Range): boolean {
  const startsAt = part.from ? (range.from ? compareBounds(part.from, range.from) : 1) : range.from ? -1 : 0;
  const endsAt = part.to ? (range.to ? compareBounds(part.to, range.to) : -1) : range.to ? 1 : 0;
  return startsAt >= 0 && endsAt <= 0 && startsAt - endsAt > 0;
}
