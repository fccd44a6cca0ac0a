/**
 * Joins of a text or a list that issue elements of a branch again, as the branch's own actor.
 *
 * An element of a text keeps its counter and its origin; an origin that is issued again too is named as such. One of a
 * list is born right before the position that it had, under the counter above it, so a list keeps the order of each
 * branch. All follows from the joins of the branch alone: whoever makes them makes the same.
 */
import type { ActorId } from "../../base/index.ts";
import type { Deletion, ListJoins } from "../joins/list-joins.ts";
import { POSITION_UNIT } from "../list/claims.ts";
import { decodeJoin, encodeFragment } from "../text/codec.ts";
import {
  Fragment,
  OWNER,
  RUN_STRIDE,
  runLength,
  runOriginActor,
  runOriginCounter,
  runSide,
  runStart,
} from "../text/fragment.ts";
import { NO_ACTOR } from "../text/pieces.ts";
import { type CounterRange, holds } from "./inserted.ts";

const LEFT = 1;

/** Of a text's join by `actor`; `hidden` are elements that come deleted. Undefined when nothing of it is wanted. */
export function reissueText(
  join: Uint8Array,
  actor: ActorId,
  wanted: readonly CounterRange[],
  hidden: readonly CounterRange[],
): Uint8Array | undefined {
  const from = new Fragment();
  if (!decodeJoin(join, from)) return undefined;
  const into = new Fragment();
  const removed: CounterRange[] = [];
  for (let at = 0; at < from.deletedCount * 2; at += 2) {
    removed.push({ start: from.deleted[at] as number, end: from.deleted[at + 1] as number });
  }
  let unitAt = 0;
  for (let at = 0; at < from.runCount * RUN_STRIDE; at += RUN_STRIDE) {
    const start = runStart(from, at);
    const isWanted = holds(wanted, start);
    if (isWanted) {
      const origin = runOriginCounter(from, at);
      into.addRun(
        start,
        1,
        origin,
        numberOf(from, into, actor, runOriginActor(from, at), origin, wanted),
        runSide(from, at),
      );
      if (runLength(from, at) > 1) into.addRun(start + 1, runLength(from, at) - 1, start, OWNER, 0);
    }
    for (let counter = start; counter < start + runLength(from, at); counter++) {
      if (holds(removed, counter)) continue;
      if (isWanted && !holds(hidden, counter)) into.addContent(from.content, unitAt, 1);
      unitAt++;
    }
  }
  for (const counter of deletedOf(into, removed, wanted, hidden)) into.addDeleted(counter, counter + 1);
  if (into.isEmpty) return undefined;
  into.sortDictionary();
  return encodeFragment(into, 0);
}

/** Wanted elements that the join deletes, and those of its own that come deleted; ascending. */
function deletedOf(
  into: Fragment,
  removed: readonly CounterRange[],
  wanted: readonly CounterRange[],
  hidden: readonly CounterRange[],
): number[] {
  const all = new Set<number>();
  for (const { start, end } of removed) {
    for (let counter = start; counter < end; counter++) if (holds(wanted, counter)) all.add(counter);
  }
  for (let at = 0; at < into.runCount * RUN_STRIDE; at += RUN_STRIDE) {
    const start = runStart(into, at);
    for (let counter = start; counter < start + runLength(into, at); counter++) {
      if (holds(hidden, counter)) all.add(counter);
    }
  }
  return [...all].sort((a, b) => a - b);
}

function numberOf(
  from: Fragment,
  into: Fragment,
  actor: ActorId,
  origin: number,
  counter: number,
  wanted: readonly CounterRange[],
): number {
  if (origin === NO_ACTOR) return NO_ACTOR;
  if (origin !== OWNER) return into.number(from.dictionary[origin - 1] as Uint8Array);
  return holds(wanted, counter) ? OWNER : into.number(actor);
}

/** The counter under which an element of a list is issued again. */
export function reissuedCounter(counter: number): number {
  return counter + 1;
}

/** Of a list's joins by `actor`. Undefined when nothing of them is wanted. */
export function reissueList(joins: ListJoins, actor: ActorId, wanted: readonly CounterRange[]): ListJoins | undefined {
  const births = joins.births.filter(({ counter }) => holds(wanted, counter));
  const positions = new Fragment();
  for (const { counter } of births) {
    positions.addRun(reissuedCounter(counter), 1, counter, positions.number(actor), LEFT);
    positions.addContent(Uint16Array.of(POSITION_UNIT.charCodeAt(0)), 0, 1);
  }
  const isOwn = ({ target }: { readonly target: ListJoins["sets"][number]["target"] }): boolean => {
    return target.actor === undefined && holds(wanted, target.counter);
  };
  const sets = joins.sets.filter(isOwn);
  const deletes: Deletion[] = [];
  for (const { target, length } of joins.deletes) {
    for (let counter = target.counter; counter < target.counter + length; counter++) {
      const one = { target: { actor: target.actor, counter }, length: 1 };
      if (isOwn(one)) deletes.push({ target: { actor: undefined, counter: reissuedCounter(counter) }, length: 1 });
    }
  }
  if (births.length + sets.length + deletes.length === 0) return undefined;
  return {
    positions: births.length > 0 ? encodeFragment(positions, 0) : new Uint8Array(0),
    births: births.map(({ counter, content }) => ({ counter: reissuedCounter(counter), content })),
    moves: [],
    sets: sets.map(({ target, content }) => {
      return { target: { actor: undefined, counter: reissuedCounter(target.counter) }, content };
    }),
    deletes,
  };
}
