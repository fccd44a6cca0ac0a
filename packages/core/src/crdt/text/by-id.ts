/** From visible positions to element ids and back. */
import { actorId, assert } from "../../base/index.ts";
import type { Anchor, AnchorSide, ElementId } from "./anchor.ts";
import { NOWHERE } from "./blocks.ts";
import { insertAfter } from "./local.ts";
import type { Pending } from "./pending.ts";
import { DELETED, HIDDEN, START } from "./pieces.ts";
import type { Sequence } from "./sequence.ts";

/** Elements with the counters from `start` up to `end`, which is not among them. */
export interface ElementRun {
  readonly actor: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** The id of the visible element at a position. */
export function elementAt({ pieces, order, actors }: Sequence, position: number): ElementId {
  const piece = order.find(position);
  return { actor: actorId(actors.id(pieces.actor(piece))), counter: pieces.counter(piece) + order.offset };
}

/** The place before the element at `position`; it belongs to the element before it or to that one. */
export function anchorAt(sequence: Sequence, position: number, side: AnchorSide): Anchor {
  if (side === "before") {
    return position === 0 ? { at: "start" } : { at: "after", ...elementAt(sequence, position - 1) };
  }
  const { length } = sequence.order;
  return position === length ? { at: "end" } : { at: "before", ...elementAt(sequence, position) };
}

/** How many visible elements are before an anchor; undefined while its element is not shown here. */
export function anchorToIndex(sequence: Sequence, anchor: Anchor): number | undefined {
  if (anchor.at === "start") return 0;
  if (anchor.at === "end") return sequence.order.length;
  const { pieces, order, actors, blocks } = sequence;
  const piece = blocks.locate(actors.intern(anchor.actor), anchor.counter);
  if (piece === NOWHERE || pieces.leaf(piece) === HIDDEN) return undefined;
  const start = order.positionOf(piece);
  if (pieces.has(piece, DELETED)) return start;
  return start + anchor.counter - pieces.counter(piece) + (anchor.at === "after" ? 1 : 0);
}

/** The ids of `count` visible elements from `position` on, in their order. */
export function runsAt({ pieces, order, actors }: Sequence, position: number, count: number): ElementRun[] {
  const runs: ElementRun[] = [];
  if (count === 0) return runs;
  let piece = order.find(position);
  let { offset } = order;
  for (let rest = count; rest > 0; piece = pieces.next(piece)) {
    assert(piece !== START, "the elements are inside the text");
    if (pieces.has(piece, DELETED)) continue;
    const length = Math.min(rest, pieces.length(piece) - offset);
    const start = pieces.counter(piece) + offset;
    addRun(runs, actors.id(pieces.actor(piece)), start, start + length);
    rest -= length;
    offset = 0;
  }
  return runs;
}

/** Deletes elements by id, as `deleter`, and notes which of them were there. */
export function deleteRuns(sequence: Sequence, pending: Pending, deleter: number, runs: readonly ElementRun[]): void {
  const { pieces, actors } = sequence;
  for (const { actor, start, end } of runs) {
    const number = actors.intern(actor);
    visitElements(sequence, number, start, end, (piece, from, to) => {
      if (pieces.has(piece, DELETED)) return;
      pending.begin(deleter);
      pending.deleted(number, from, to);
      sequence.deletePart(piece, from - pieces.counter(piece), to - from);
    });
  }
  sequence.order.resetCursor();
}

/** Inserts text right behind the last element of a run, live or deleted; the counter of its first element. */
export function insertBehind(sequence: Sequence, actor: number, run: ElementRun, text: string): number {
  const { pieces, blocks, order, actors } = sequence;
  const piece = blocks.locate(actors.intern(run.actor), run.end - 1);
  assert(piece !== NOWHERE && pieces.leaf(piece) !== HIDDEN, "the run is shown here");
  const start = insertAfter(sequence, actor, piece, run.end - 1 - pieces.counter(piece), text);
  order.resetCursor();
  return start;
}

/** Visits the known elements of a run: by piece, with the counters that the two share. A visit may change the piece. */
export function visitElements(
  { pieces, blocks }: Sequence,
  actor: number,
  start: number,
  end: number,
  visit: (piece: number, from: number, to: number) => void,
): void {
  for (let counter = start; counter < end; ) {
    const piece = blocks.locate(actor, counter);
    const to = piece === NOWHERE ? counter + 1 : Math.min(end, pieces.end(piece));
    if (piece !== NOWHERE) visit(piece, counter, to);
    counter = to;
  }
}

function addRun(runs: ElementRun[], actor: Uint8Array, start: number, end: number): void {
  const last = runs.at(-1);
  if (last?.actor === actor && last.end === start) runs[runs.length - 1] = { actor, start: last.start, end };
  else runs.push({ actor, start, end });
}
