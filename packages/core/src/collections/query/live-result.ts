/**
 * The result of a live query, brought up to date from the documents that changed: each is tested again and put where it
 * now belongs. Only when a limited result runs short are more read, from the index, after the last one.
 *
 * Invariant: `entries` are the first matching documents in order, without a gap; all of them when `isComplete`.
 */
import { runLoaded } from "../../base/index.ts";
import type { AnyDocument } from "../index/definition.ts";
import { type Conditions, comparePositions, matches, type Position, positionOf } from "./conditions.ts";
import type { Plan } from "./plan.ts";
import { type QuerySource, runQuery } from "./run.ts";

interface Entry extends Position {
  readonly document: AnyDocument;
}

/** Entries kept beyond the limit, so that the next removal needs no reading: this part of the limit, and a few. */
const SPARE_PART = 2;
const SPARE_ENTRIES = 16;
/** More changed documents than this, and more than the result has: the query is asked anew. */
const CHANGES_MAX = 10_000;

export class LiveResult {
  readonly #source: QuerySource;
  readonly #conditions: Conditions;
  readonly #plan: () => Plan;
  readonly #needed: number;
  readonly #capacity: number;
  #entries: Entry[] = [];
  #byId = new Map<string, Entry>();
  #isComplete = false;

  constructor(source: QuerySource, conditions: Conditions, plan: () => Plan) {
    this.#source = source;
    this.#conditions = conditions;
    this.#plan = plan;
    this.#needed = conditions.offset + conditions.limit;
    this.#capacity = this.#needed + Math.ceil(this.#needed / SPARE_PART) + SPARE_ENTRIES;
  }

  /** What is shown: after the offset, up to the limit. */
  documents(): readonly AnyDocument[] {
    const { offset } = this.#conditions;
    return Object.freeze(this.#entries.slice(offset, this.#needed).map(({ document }) => document));
  }

  /** Asks the query as if for the first time. */
  async refresh(): Promise<void> {
    this.#entries = [];
    this.#byId = new Map();
    await this.#fill();
  }

  /** Takes in the documents that changed. */
  async update(ids: ReadonlySet<string>): Promise<void> {
    if (ids.size > Math.max(CHANGES_MAX, this.#entries.length)) return this.refresh();
    const changed = await runLoaded(this.#source.store, () =>
      [...ids].map((id) => {
        const document = this.#source.get(id);
        const isMatch = document !== undefined && matches(this.#conditions, document);
        return { id, document, matching: isMatch ? document : undefined };
      }),
    );
    for (const { id, document, matching } of changed) this.#replace(id, document, matching);
    if (this.#entries.length > this.#capacity) this.#trim();
    if (!this.#isComplete && this.#entries.length < this.#needed) await this.#fill();
  }

  #replace(id: string, document: AnyDocument | undefined, matching: AnyDocument | undefined): void {
    const old = this.#byId.get(id);
    if (old !== undefined && old.document === document) return;
    if (old !== undefined) {
      this.#entries.splice(this.#placeOf(old), 1);
      this.#byId.delete(id);
    }
    if (matching === undefined) return;
    const entry = { ...positionOf(this.#conditions, matching), document: matching };
    if (this.#isBefore(entry)) return;
    const place = this.#placeOf(entry);
    // Beyond the last of an incomplete result others may stand before it.
    if (place === this.#entries.length && !this.#isComplete) return;
    this.#entries.splice(place, 0, entry);
    this.#byId.set(id, entry);
  }

  #isBefore(entry: Position): boolean {
    const { after } = this.#conditions;
    return after !== undefined && comparePositions(this.#conditions, entry, after) <= 0;
  }

  #trim(): void {
    for (const { id } of this.#entries.splice(this.#capacity)) this.#byId.delete(id);
    this.#isComplete = false;
  }

  /** Reads on after the last entry. */
  async #fill(): Promise<void> {
    const last = this.#entries.at(-1);
    const limit = this.#capacity - this.#entries.length;
    const conditions = { ...this.#conditions, offset: 0, limit, after: last ?? this.#conditions.after };
    const { found, more } = await runQuery(this.#source, conditions, this.#plan(), false);
    for (const { key, id, document } of found) {
      if (document === undefined || this.#byId.has(id)) continue;
      const entry = { key, id, document };
      this.#entries.push(entry);
      this.#byId.set(id, entry);
    }
    this.#isComplete = !more;
  }

  #placeOf(position: Position): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comparePositions(this.#conditions, this.#entries[middle] as Entry, position) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
