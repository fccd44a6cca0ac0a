/**
 * The laws of a join-semilattice and of its codec, once for every kind of cell. Stops by assertion on the first that
 * does not hold.
 */
import { assert, bytesEqual, type Prng } from "../../base/index.ts";
import { decodeCell, encodeCell, type Lattice } from "../cells/cell-kind.ts";
import type { Intern } from "../origin.ts";

/** Draws three cells and checks every law on them. */
export function checkCellLaws<C>(kind: Lattice<C>, draw: (prng: Prng) => C, prng: Prng, intern: Intern): void {
  const [a, b, c] = [draw(prng), draw(prng), draw(prng)];
  const same = (left: C, right: C, law: string): void => {
    assert(bytesEqual(encodeCell(kind, left), encodeCell(kind, right)), `join is not ${law}`);
  };
  same(kind.join(a, b), kind.join(b, a), "commutative");
  same(kind.join(kind.join(a, b), c), kind.join(a, kind.join(b, c)), "associative");
  assert(kind.join(a, a) === a, "join is not idempotent");
  assert(kind.join(a, kind.empty) === a, "empty is not the least on the right");
  same(kind.join(kind.empty, a), a, "neutral to empty");
  const joined = kind.join(a, b);
  assert(kind.join(joined, a) === joined, "a join is not above its first part");
  assert(kind.join(joined, b) === joined, "a join is not above its second part");
  same(kind.join(kind.join(a, b), kind.join(b, c)), kind.join(kind.join(a, b), c), "indifferent to batches");
  checkCellCodec(kind, joined, intern);
}

function checkCellCodec<C>(kind: Lattice<C>, cell: C, intern: Intern): void {
  const bytes = encodeCell(kind, cell);
  const decoded = decodeCell(kind, bytes, intern);
  assert(decoded !== undefined, "what was encoded does not decode");
  assert(bytesEqual(encodeCell(kind, decoded), bytes), "a decoded cell encodes to other bytes");
  assert(kind.join(decoded, cell) === decoded, "a decoded cell is not the one that was encoded");
}
