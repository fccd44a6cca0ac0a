/** Local edits by position. */
import { assert } from "../../base/index.ts";
import { BLOCK_UNITS, blockIndex, COUNTER_LOCAL_MAX, COUNTER_MAX } from "./limits.ts";
import type { Pending } from "./pending.ts";
import { HAS_RIGHT, NO_ACTOR, START } from "./pieces.ts";
import type { Part, Sequence } from "./sequence.ts";

const part: Part = {
  actor: 0,
  counter: 0,
  length: 0,
  originActor: 0,
  originCounter: 0,
  isLeft: false,
  isDeleted: false,
};

/** Inserts text before the visible unit at `position`; the counter of its first element. */
export function insertLocally(sequence: Sequence, actor: number, position: number, text: string): number {
  const { order } = sequence;
  if (position > 0) {
    const after = order.find(position - 1);
    return insertAfter(sequence, actor, after, order.offset, text);
  }
  order.resetCursor();
  return insertAfter(sequence, actor, START, 0, text);
}

/** Inserts text right after the element at `offset` of a shown piece, live or deleted; the counter of its first element. */
export function insertAfter(sequence: Sequence, actor: number, piece: number, offset: number, text: string): number {
  const { pieces, blocks } = sequence;
  let after = piece;
  const last = after === START ? 0 : pieces.counter(after) + offset;
  const isEnd = after === START || last + 1 === pieces.end(after);
  part.actor = actor;
  part.isLeft = !isEnd || pieces.has(after, HAS_RIGHT);
  let origin = after;
  if (part.isLeft) origin = isEnd ? pieces.next(after) : sequence.cut(after, offset + 1);
  part.originCounter = part.isLeft ? pieces.counter(origin) : last;
  part.originActor = origin === START ? NO_ACTOR : pieces.actor(origin);
  const isHigh = part.originCounter > COUNTER_LOCAL_MAX - text.length;
  if (isHigh) riseToLowOrigin(sequence, COUNTER_LOCAL_MAX - text.length);
  const start = Math.max(blocks.top(actor), part.originCounter) + 1;
  assert(start + text.length <= COUNTER_MAX, "the actor has counters left");
  for (let at = 0; at < text.length; ) {
    part.counter = start + at;
    part.length = Math.min(text.length - at, BLOCK_UNITS - (part.counter % BLOCK_UNITS));
    if (isHigh) sequence.place(part);
    else if (!sequence.extend(after, part)) after = sequence.attach(after, origin, part);
    writeContent(sequence, text, at);
    at += part.length;
    origin = after;
    part.originActor = actor;
    part.originCounter = start + at - 1;
    part.isLeft = false;
  }
  if (isHigh) sequence.order.resetCursor();
  return start;
}

/** Deletes visible units and notes which they were. */
export function deleteLocally(sequence: Sequence, pending: Pending, position: number, count: number): void {
  const { pieces, order } = sequence;
  for (let rest = count; rest > 0; ) {
    const piece = order.find(position);
    const offset = order.offset;
    const length = Math.min(rest, pieces.length(piece) - offset);
    const counter = pieces.counter(piece) + offset;
    pending.deleted(pieces.actor(piece), counter, counter + length);
    sequence.deletePart(piece, offset, length);
    rest -= length;
  }
}

/**
 * Only beside elements that a hostile writer put at the top of the counters: the nearest ancestor of the origin that
 * is low enough takes the new text as a right child, so it lands before the hostile elements.
 */
function riseToLowOrigin(sequence: Sequence, limit: number): void {
  const { pieces, blocks } = sequence;
  while (part.originCounter > limit) {
    const piece = blocks.locate(part.originActor, part.originCounter);
    if (pieces.counter(piece) <= limit) part.originCounter = pieces.counter(piece);
    else {
      part.originCounter = pieces.originCounter(piece);
      part.originActor = pieces.originActor(piece);
    }
  }
  part.isLeft = false;
}

/** Writes the units of the part that was just put, which are those of the text from `from` on. */
function writeContent({ blocks }: Sequence, text: string, from: number): void {
  const { actor, counter, length } = part;
  const at = counter % BLOCK_UNITS;
  const content = blocks.reserve(blocks.ensure(actor, blockIndex(counter)), at + length);
  for (let i = 0; i < length; i++) content[at + i] = text.charCodeAt(from + i);
}
