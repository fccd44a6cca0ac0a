/**
 * The shape that every kind of cell shares: a join-semilattice with a canonical encoding, and, for the kinds that are
 * cells of a container, the names of its entries.
 *
 * Cells are immutable. `join` is commutative, associative and idempotent; it returns its first argument itself when the
 * second adds nothing, so `===` tells whether anything changed. `decode` is total: on bytes that are not the canonical
 * form of a cell other than `empty` the reader fails.
 */
import { Reader, Writer } from "../../base/index.ts";
import type { Intern } from "../origin.ts";

export interface Lattice<C> {
  /** The least cell: what is there before any join. Never encoded. */
  readonly empty: C;
  join(a: C, b: C): C;
  encode(writer: Writer, cell: C): void;
  decode(reader: Reader, intern: Intern): C;
  /** Whether the entry shows: a tombstone is a cell, but does not. */
  isLive(cell: C): boolean;
}

export interface CellKind<C> extends Lattice<C> {
  /** Writes the entry key in the store, for the key in memory. */
  writeKey(writer: Writer, key: string): void;
  /** The key in memory; undefined when the bytes are no entry key of this kind. */
  bytesToKey(bytes: Uint8Array): string | undefined;
}

/** Reused: a fresh writer costs more than a small cell. */
const scratch = new Writer();

/** Packed: cells are written by the thousand. */
export function encodeCell<C>(kind: Lattice<C>, cell: C): Uint8Array {
  scratch.reset();
  kind.encode(scratch, cell);
  return scratch.toPacked();
}

/** The cell; undefined when the bytes are not the canonical form of one. */
export function decodeCell<C>(kind: Lattice<C>, bytes: Uint8Array, intern: Intern): C | undefined {
  const reader = new Reader(bytes);
  const cell = kind.decode(reader, intern);
  return reader.finish() ? cell : undefined;
}
