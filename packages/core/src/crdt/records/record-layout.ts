/**
 * How a record lies in memory. Most fields of a document were written together, so the stamp and author that most of
 * its last-writer fields share lie once in the *head*, with generation and shape, and neighbours that one delta made
 * have one head. Such a field is its bare content. One that was written apart is a `LastField`, which has a pair of its
 * own, and a field of another kind is its cell. The first four lie in the record itself: an array costs as much as all.
 *
 * Invariant: a last-writer field whose pair is the head's is never a `LastField`, so equal fields lie equally.
 */
import { bytesEqual } from "../../base/index.ts";
import { GENERATION_ZERO, type Generation } from "../cell-key.ts";
import type { Content } from "../content.ts";
import { LastField } from "./fields/last-field.ts";
import type { Pair } from "./pair-table.ts";
import { NO_FIELDS, type RecordHead, type RecordShape } from "./record-shape.ts";

const IN_RECORD = 4;
const NO_REST: readonly unknown[] = [];

/** One document; immutable. Use `createDeleted` or `OpenFields`. */
export class RecordCell {
  readonly #head: RecordHead;
  readonly #first: unknown;
  readonly #second: unknown;
  readonly #third: unknown;
  readonly #fourth: unknown;
  readonly #rest: readonly unknown[];

  constructor(head: RecordHead, fields: readonly unknown[]) {
    const { size } = head.shape;
    this.#head = head;
    this.#first = size > 0 ? fields[0] : undefined;
    this.#second = size > 1 ? fields[1] : undefined;
    this.#third = size > 2 ? fields[2] : undefined;
    this.#fourth = size > 3 ? fields[3] : undefined;
    this.#rest = size > IN_RECORD ? fields.slice(IN_RECORD, size) : NO_REST;
  }

  get generation(): Generation {
    return this.#head.generation;
  }

  /** Who deleted it and when; undefined while it is there. */
  get deleted(): Pair | undefined {
    return this.#head.deleted;
  }

  /** Which fields it has; none of a deleted one. */
  get shape(): RecordShape {
    return this.#head.shape;
  }

  get size(): number {
    return this.#head.shape.size;
  }

  /** The cell of a field, which is of that field's kind. */
  cellAt(place: number): unknown {
    const field = this.fieldAt(place);
    if (!this.isLastAt(place) || field instanceof LastField) return field;
    return new LastField(field as Content, this.#head.pair);
  }

  isLastAt(place: number): boolean {
    return this.#head.shape.fields[place]?.kind === "last";
  }

  /** Of a last-writer field. */
  contentAt(place: number): Content {
    const field = this.fieldAt(place);
    return field instanceof LastField ? field.content : (field as Content);
  }

  /** Of a last-writer field. */
  pairAt(place: number): Pair {
    const field = this.fieldAt(place);
    return field instanceof LastField ? field.pair : this.#head.pair;
  }

  /** Whether a field is what a field of the same kind of this or another record is. */
  isSameAt(place: number, other: RecordCell, otherPlace: number): boolean {
    if (!this.isLastAt(place)) return this.fieldAt(place) === other.fieldAt(otherPlace);
    if (this.contentAt(place) !== other.contentAt(otherPlace)) return false;
    return isSamePair(this.pairAt(place), other.pairAt(otherPlace));
  }

  /** As it lies here. */
  fieldAt(place: number): unknown {
    switch (place) {
      case 0:
        return this.#first;
      case 1:
        return this.#second;
      case 2:
        return this.#third;
      case 3:
        return this.#fourth;
      default:
        return this.#rest[place - IN_RECORD];
    }
  }
}

export function createDeleted(generation: Generation, deleted: Pair): RecordCell {
  return new RecordCell(headOf(generation, deleted, NO_FIELDS, GENERATION_ZERO), NO_REST);
}

/** The fields of a record, laid open to be changed: those of a shape, and beyond them what earlier records left. */
export class OpenFields {
  /** Of last-writer fields; undefined for others. */
  readonly #pairs: (Pair | undefined)[] = [];
  /** Of last-writer fields the content, of others the cell. */
  readonly #fields: unknown[] = [];

  open(record: RecordCell): this {
    for (let place = 0; place < record.size; place++) {
      if (record.isLastAt(place)) this.setLast(place, record.contentAt(place), record.pairAt(place));
      else this.setCell(place, record.cellAt(place));
    }
    return this;
  }

  cellAt(place: number): unknown {
    const pair = this.#pairs[place];
    return pair === undefined ? this.#fields[place] : new LastField(this.#fields[place] as Content, pair);
  }

  setLast(place: number, content: Content, pair: Pair): void {
    this.#pairs[place] = pair;
    this.#fields[place] = content;
  }

  /** `cell` is of the field's kind. */
  setCell(place: number, cell: unknown): void {
    if (cell instanceof LastField) {
      this.setLast(place, cell.content, cell.pair);
      return;
    }
    this.#pairs[place] = undefined;
    this.#fields[place] = cell;
  }

  /** Makes room for a field among `size`. */
  insertAt(place: number, size: number): void {
    for (let i = size; i > place; i--) {
      this.#pairs[i] = this.#pairs[i - 1];
      this.#fields[i] = this.#fields[i - 1];
    }
  }

  /** Takes a field out of `size`. */
  removeAt(place: number, size: number): void {
    this.#pairs.copyWithin(place, place + 1, size);
    this.#fields.copyWithin(place, place + 1, size);
  }

  /** A document with these fields, which are its own from now on: open others before they are changed again. */
  close(generation: Generation, shape: RecordShape): RecordCell {
    const pair = this.#sharedPair(shape.size);
    for (let place = 0; place < shape.size; place++) {
      const own = this.#pairs[place];
      if (own === undefined || isSamePair(own, pair)) continue;
      this.#fields[place] = new LastField(this.#fields[place] as Content, own);
    }
    return new RecordCell(headOf(generation, undefined, shape, pair), this.#fields);
  }

  /** That of most, if there is one (Boyer and Moore's vote). */
  #sharedPair(size: number): Pair {
    let shared: Pair = GENERATION_ZERO;
    let votes = 0;
    for (let place = 0; place < size; place++) {
      const pair = this.#pairs[place];
      if (pair === undefined) continue;
      if (votes === 0) shared = pair;
      votes += isSamePair(pair, shared) ? 1 : -1;
    }
    return shared;
  }
}

function headOf(generation: Generation, deleted: Pair | undefined, shape: RecordShape, pair: Pair): RecordHead {
  const last = shape.lastHead;
  if (last !== undefined && last.pair === pair && last.deleted === deleted && last.generation === generation)
    return last;
  const head = { generation, deleted, shape, pair };
  shape.lastHead = head;
  return head;
}

function isSamePair(a: Pair, b: Pair): boolean {
  return a === b || (a.stamp === b.stamp && (a.actor === b.actor || bytesEqual(a.actor, b.actor)));
}
