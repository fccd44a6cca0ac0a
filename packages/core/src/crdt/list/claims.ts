/**
 * Whether the positions that a join of a list inserts are what its items say: every one that lives is claimed by a
 * birth or a move, every claim names one of them, and it deletes none of anybody else's (positions expire by
 * themselves). So on no replica does a position live that shows nothing.
 */
import { decodeJoin } from "../text/codec.ts";
import { Fragment, RUN_STRIDE, runLength, runStart } from "../text/fragment.ts";

/** The unit of every position in the sequence that orders them. */
export const POSITION_UNIT = "\0";

/** One for all: used within one call. */
const scratch = new Fragment();

/** `claims` are the counters of births and moves, ascending. */
export function areClaimed(positions: Uint8Array, claims: readonly number[]): boolean {
  if (positions.length === 0) return claims.length === 0;
  if (!decodeJoin(positions, scratch)) return false;
  if (scratch.runCount === 0 || scratch.foreign.length > 0 || scratch.ghostUnits > 0) return false;
  for (let i = 0; i < scratch.contentCount; i++) if (scratch.content[i] !== 0) return false;
  let claimed = 0;
  for (let at = 0; at < scratch.runCount * RUN_STRIDE; at += RUN_STRIDE) {
    const end = runStart(scratch, at) + runLength(scratch, at);
    for (let counter = runStart(scratch, at); counter < end; counter++) {
      if (claims[claimed] === counter) claimed++;
      else if (!isDeleted(scratch, counter)) return false;
    }
  }
  return claimed === claims.length;
}

/** Asked for ascending counters. */
function isDeleted(fragment: Fragment, counter: number): boolean {
  const { deleted, deletedCount } = fragment;
  let at = fragment.deletedAt;
  while (at < deletedCount && (deleted[at * 2 + 1] as number) <= counter) at++;
  fragment.deletedAt = at;
  return at < deletedCount && (deleted[at * 2] as number) <= counter;
}
