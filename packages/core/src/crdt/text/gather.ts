/** From a sequence to fragments: the elements of a block, or of a stretch of counters, in run form. */
import type { Block } from "./blocks.ts";
import { type Fragment, OWNER } from "./fragment.ts";
import { BLOCK_UNITS, blockIndex } from "./limits.ts";
import { DELETED, LEFT_SIDE, NO_ACTOR } from "./pieces.ts";
import type { Sequence } from "./sequence.ts";

/** The whole of a block, its dictionary sorted. */
export function gatherBlock(sequence: Sequence, block: Block, into: Fragment): void {
  into.reset();
  const base = block.index * BLOCK_UNITS;
  gatherPieces(sequence, block, base, base + BLOCK_UNITS, into);
  if (block.ghosts.length > 0) addGhosts(into, block.ghosts);
  into.sortDictionary();
}

/** Appends the elements of one actor with counters in [from, to). */
export function gatherRange(sequence: Sequence, actor: number, from: number, to: number, into: Fragment): void {
  for (let at = from; at < to; ) {
    const index = blockIndex(at);
    const end = Math.min(to, (index + 1) * BLOCK_UNITS);
    const block = sequence.blocks.get(actor, index);
    if (block !== undefined) gatherPieces(sequence, block, at, end, into);
    at = end;
  }
}

function gatherPieces(sequence: Sequence, block: Block, from: number, to: number, into: Fragment): void {
  const { pieces, blocks, actors } = sequence;
  for (let i = blocks.lowerBound(block, from); i < block.pieces.length; i++) {
    const piece = block.pieces[i] as number;
    const counter = pieces.counter(piece);
    if (counter >= to) return;
    const start = Math.max(counter, from);
    const end = Math.min(pieces.end(piece), to);
    if (start > counter) {
      into.addRun(start, end - start, start - 1, OWNER, 0);
    } else {
      const origin = pieces.originActor(piece);
      const isOwn = origin === block.owner.actor;
      const number = origin === NO_ACTOR ? NO_ACTOR : isOwn ? OWNER : into.number(actors.id(origin));
      into.addRun(start, end - start, pieces.originCounter(piece), number, pieces.has(piece, LEFT_SIDE) ? 1 : 0);
    }
    if (pieces.has(piece, DELETED)) into.addDeleted(start, end);
    else into.addContent(block.content, start % BLOCK_UNITS, end - start);
  }
}

/** Merges the deleted ranges of elements and of ghosts, which never overlap. */
function addGhosts(into: Fragment, ghosts: readonly number[]): void {
  const ranges: [number, number][] = [];
  for (let at = 0; at < into.deletedCount * 2; at += 2) {
    ranges.push([into.deleted[at] as number, into.deleted[at + 1] as number]);
  }
  for (let at = 0; at < ghosts.length; at += 2) {
    ranges.push([ghosts[at] as number, ghosts[at + 1] as number]);
    into.ghostUnits += (ghosts[at + 1] as number) - (ghosts[at] as number);
  }
  ranges.sort((a, b) => a[0] - b[0]);
  into.deletedCount = 0;
  for (const [start, end] of ranges) into.addDeleted(start, end);
}
