/**
 * The shape that every kind of field shares: the lattice of a field within a record, and the form of what one delta did
 * to it. `join` returns its first argument itself when the second adds nothing. Readers are total: the reader fails on
 * what is not canonical.
 *
 * A join names no stamp and no author of its own, since both are those of its delta; what it names of others (what was
 * seen) can only be what lies at or below the delta's own stamp, and is void above it.
 */
import type { Origin } from "../../origin.ts";
import type { PairReader, PairWriter } from "../pair-table.ts";

/** A join may be undefined, which is an absent value. */
export const UNCHANGED: unique symbol = Symbol("unchanged");

/** How many joins a blob may still hold; a reader takes from it what it builds. */
export interface JoinBudget {
  joins: number;
}

/** What joining a field's join means: its cell, unless there is none left, and how many parts were void. */
export interface JoinedField<C> {
  readonly cell: C | undefined;
  readonly void: number;
}

export interface FieldLattice<C, J> {
  join(a: C, b: C): C;
  write(into: PairWriter, cell: C): void;
  read(from: PairReader): C;
  writeJoin(into: PairWriter, join: J): void;
  readJoin(from: PairReader, budget: JoinBudget): J;
  joinToCell(join: J, origin: Origin): JoinedField<C>;
  /** What the transaction of `origin` did to a field; `UNCHANGED` when nothing came of it in the end. */
  changeOf(base: C | undefined, cell: C, origin: Origin): J | typeof UNCHANGED;
}
