/**
 * Which elements of a text or a list the branches of a forked actor made under one id, and which of them are issued
 * again.
 *
 * Of a list, those elements alone: what others have set, moved or nested in an element beside them stays where it is. Of
 * a text, a piece that was typed in one go stays in one: elements of a branch whose origins lead to each other are
 * issued again together when one of them is in another branch too. Either grows as more of the branches is known.
 */
import { decodeJoin } from "../text/codec.ts";
import {
  Fragment,
  OWNER,
  RUN_STRIDE,
  runLength,
  runOriginActor,
  runOriginCounter,
  runStart,
} from "../text/fragment.ts";

/** The counters from `start` up to `end`, which is not among them. */
export interface CounterRange {
  readonly start: number;
  readonly end: number;
}

export interface InsertedRun extends CounterRange {
  /** The counter of its origin, when that is the actor's own. */
  readonly origin: number | undefined;
}

/** One for all: used within one call. */
const scratch = new Fragment();

/** What a join of a text, or of the positions of a list, inserts as its own actor; ascending. */
export function insertedRuns(join: Uint8Array): InsertedRun[] {
  const runs: InsertedRun[] = [];
  if (join.length === 0 || !decodeJoin(join, scratch)) return runs;
  for (let at = 0; at < scratch.runCount * RUN_STRIDE; at += RUN_STRIDE) {
    const start = runStart(scratch, at);
    const origin = runOriginActor(scratch, at) === OWNER ? runOriginCounter(scratch, at) : undefined;
    runs.push({ start, end: start + runLength(scratch, at), origin });
  }
  return runs;
}

/** Those of `runs`, ascending, that share a counter with one of `others`, ascending: the shared parts. */
export function sharedRanges(runs: readonly CounterRange[], others: readonly CounterRange[]): CounterRange[] {
  const shared: CounterRange[] = [];
  let at = 0;
  for (const { start, end } of runs) {
    while (at < others.length && (others[at] as CounterRange).end <= start) at++;
    for (let i = at; i < others.length && (others[i] as CounterRange).start < end; i++) {
      const other = others[i] as CounterRange;
      shared.push({ start: Math.max(start, other.start), end: Math.min(end, other.end) });
    }
  }
  return shared;
}

/** The runs that hang together, by their origins, with one that holds a counter of `shared`. */
export function whole(runs: readonly InsertedRun[], shared: readonly CounterRange[]): CounterRange[] {
  const above = runs.map((_, i) => i);
  const top = (run: number): number => {
    let at = run;
    while (above[at] !== at) at = above[at] as number;
    above[run] = at;
    return at;
  };
  for (const [i, { origin }] of runs.entries()) {
    const parent = origin === undefined ? undefined : indexOf(runs, origin);
    if (parent !== undefined) above[top(i)] = top(parent);
  }
  const wanted = new Set(
    sharedRanges(runs, shared)
      .flatMap(({ start }) => indexOf(runs, start) ?? [])
      .map(top),
  );
  return runs.filter((_, i) => wanted.has(top(i)));
}

export function holds(ranges: readonly CounterRange[], counter: number): boolean {
  return indexOf(ranges, counter) !== undefined;
}

/** Which of ascending ranges holds the counter. */
function indexOf(ranges: readonly CounterRange[], counter: number): number | undefined {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle] as CounterRange).end <= counter) low = middle + 1;
    else high = middle;
  }
  const found = ranges[low];
  return found !== undefined && found.start <= counter ? low : undefined;
}

/** Ascending and apart, whatever their order was. */
export function merged(ranges: readonly CounterRange[]): CounterRange[] {
  const all: { start: number; end: number }[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last !== undefined && last.end >= start) last.end = Math.max(last.end, end);
    else all.push({ start, end });
  }
  return all;
}
