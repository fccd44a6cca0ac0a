/** The kinds of field that a record holds inline, and their tags. Tags are for ever. */
import * as child from "./child-field.ts";
import * as counter from "./counter-field.ts";
import type { FieldLattice } from "./field-kind.ts";
import * as first from "./first-field.ts";
import * as last from "./last-field.ts";
import * as multi from "./multi-field.ts";
import type { RemoveWinsField, RemoveWinsJoin } from "./remove-wins-field.ts";
import * as removeWins from "./remove-wins-field.ts";
import * as set from "./set-field.ts";

export type { FieldLattice } from "./field-kind.ts";

export interface FieldCells {
  last: last.LastField;
  first: first.FirstField;
  multi: multi.MultiField;
  counter: counter.CounterField;
  set: set.SetField;
  "set-remove-wins": RemoveWinsField;
  child: child.ChildField;
}

export interface FieldJoins {
  last: last.LastJoin;
  first: first.FirstJoin;
  multi: multi.MultiJoin;
  counter: counter.CounterJoin;
  set: set.SetJoin;
  "set-remove-wins": RemoveWinsJoin;
  child: child.ChildJoin;
}

export type FieldKind = keyof FieldCells;

const setRemoveWins: FieldLattice<RemoveWinsField, RemoveWinsJoin> = removeWins;

type Lattices = { readonly [K in FieldKind]: FieldLattice<FieldCells[K], FieldJoins[K]> };

const LATTICES: Lattices = {
  last,
  first,
  multi,
  counter,
  set,
  "set-remove-wins": setRemoveWins,
  child,
};

export const FIELD_TAGS: { readonly [K in FieldKind]: number } = {
  last: 1,
  first: 2,
  multi: 3,
  counter: 4,
  set: 5,
  "set-remove-wins": 6,
  child: 7,
};

const KINDS_BY_TAG: readonly (FieldKind | undefined)[] = [
  undefined,
  "last",
  "first",
  "multi",
  "counter",
  "set",
  "set-remove-wins",
  "child",
];

export function tagToFieldKind(tag: number): FieldKind | undefined {
  return KINDS_BY_TAG[tag];
}

/**
 * The lattice of a kind, for a field whose kind is known only as a value. A field's cell and its joins are always of
 * its kind, since both are made by that kind's own functions.
 */
export function latticeOf(kind: FieldKind): FieldLattice<unknown, unknown> {
  return LATTICES[kind] as FieldLattice<unknown, unknown>;
}
