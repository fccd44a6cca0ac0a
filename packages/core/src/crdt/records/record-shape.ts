/**
 * Which fields a record has: their kinds and names, in a list that all records with the same fields share. So a record
 * itself holds the cells alone, names are decoded once for thousands of records, and two records with one shape are
 * compared and joined place by place. After the hidden classes of Self (Chambers, Ungar and Lee, 1989).
 *
 * Invariant: fields ascend by tag of kind and name, each once. Shared as far as bounds go, since a peer may make up
 * names without end: equal shapes are mostly one object and need not be, so nothing but speed rests on it.
 */
import { Writer } from "../../base/index.ts";
import type { Generation } from "../cell-key.ts";
import { FIELD_TAGS, type FieldKind, type FieldLattice, latticeOf } from "./fields/fields.ts";
import { SHAPE_FIELDS_SHARED_MAX, SHAPES_SHARED_MAX } from "./limits.ts";
import type { Pair } from "./pair-table.ts";

export interface FieldName {
  readonly kind: FieldKind;
  readonly name: string;
}

/** What records have in common beside their fields; immutable. */
export interface RecordHead {
  readonly generation: Generation;
  /** Who deleted them and when; undefined while they are there. */
  readonly deleted: Pair | undefined;
  readonly shape: RecordShape;
  /** Who wrote most of their last-writer fields, and when. */
  readonly pair: Pair;
}

/** The shared shapes by their fields. Emptied when it is full: those in use live on with their records. */
const shared = new Map<string, RecordShape>();
let generation = 0;

export class RecordShape {
  readonly fields: readonly FieldName[];
  readonly lattices: readonly FieldLattice<unknown, unknown>[];
  readonly hasChildren: boolean;
  /** What records of this shape shared that were made last: those of one make come one after another. */
  lastHead: RecordHead | undefined;
  /** What stands before the cell of each field in an encoded record: kind and name. Made at the first use. */
  readonly #heads: Uint8Array[] = [];
  /** Shapes with a field more, by that field; those of an earlier generation of the table count no more. */
  #wider: Map<string, RecordShape> | undefined;
  #widerOf = 0;
  /** The one that was asked for last: documents of one make come one after another. */
  #last: { readonly kind: FieldKind; readonly name: string; readonly shape: RecordShape } | undefined;

  /** Use `shapeOf`. */
  constructor(fields: readonly FieldName[]) {
    this.fields = fields;
    this.lattices = fields.map(({ kind }) => latticeOf(kind));
    this.hasChildren = fields.some(({ kind }) => kind === "child");
  }

  get size(): number {
    return this.fields.length;
  }

  /** The place of a field; -1 when it is none of these. */
  find(kind: FieldKind, name: string): number {
    const { fields } = this;
    for (let place = 0; place < fields.length; place++) {
      const field = fields[place] as FieldName;
      if (field.name === name && field.kind === kind) return place;
    }
    return -1;
  }

  /** The place that a field has or would have. */
  placeOf(field: FieldName): number {
    let place = this.fields.length;
    while (place > 0 && compareFields(this.fields[place - 1] as FieldName, field) >= 0) place--;
    return place;
  }

  /** With a field that is none of these. */
  with(kind: FieldKind, name: string): RecordShape {
    const last = this.#last;
    if (last !== undefined && last.name === name && last.kind === kind) return last.shape;
    const shape = this.#widerBy(kind, name);
    if (shape.size <= SHAPE_FIELDS_SHARED_MAX) this.#last = { kind, name, shape };
    return shape;
  }

  /** Without the field in this place. */
  without(place: number): RecordShape {
    return shapeOf(this.fields.toSpliced(place, 1));
  }

  /** Kind and name of a field as they are encoded. */
  headOf(place: number): Uint8Array {
    const known = this.#heads[place];
    if (known !== undefined) return known;
    const { kind, name } = this.fields[place] as FieldName;
    const head = new Writer(2 + name.length).u8(FIELD_TAGS[kind]).string(name).toBytes();
    this.#heads[place] = head;
    return head;
  }

  #widerBy(kind: FieldKind, name: string): RecordShape {
    if (this.#wider === undefined || this.#widerOf !== generation) {
      this.#wider = new Map();
      this.#widerOf = generation;
    }
    const key = keyOf({ kind, name });
    const known = this.#wider.get(key);
    if (known !== undefined) return known;
    const shape = shapeOf(this.fields.toSpliced(this.placeOf({ kind, name }), 0, { kind, name }));
    if (shape.size <= SHAPE_FIELDS_SHARED_MAX) this.#wider.set(key, shape);
    return shape;
  }
}

export const NO_FIELDS: RecordShape = new RecordShape([]);

/** The shape of these fields, which ascend. */
export function shapeOf(fields: readonly FieldName[]): RecordShape {
  if (fields.length === 0) return NO_FIELDS;
  if (fields.length > SHAPE_FIELDS_SHARED_MAX) return new RecordShape(fields);
  const key = fields.map(keyOf).join("");
  const known = shared.get(key);
  if (known !== undefined) return known;
  if (shared.size >= SHAPES_SHARED_MAX) {
    shared.clear();
    generation++;
  }
  const shape = new RecordShape(fields.map(({ kind, name }) => ({ kind, name })));
  shared.set(key, shape);
  return shape;
}

/** By tag of kind, then by name. */
export function compareFields(a: FieldName, b: FieldName): number {
  if (a.kind !== b.kind) return FIELD_TAGS[a.kind] - FIELD_TAGS[b.kind];
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/** The length keeps names apart that run into each other. */
function keyOf({ kind, name }: FieldName): string {
  return `${FIELD_TAGS[kind]} ${name.length} ${name}`;
}
