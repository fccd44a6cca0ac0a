/** From fragments to a sequence: runs are cut into parts at block borders and where live meets deleted. */
import type { Actors } from "./actors.ts";
import { Fragment, RUN_STRIDE, runLength, runOriginActor, runOriginCounter, runSide, runStart } from "./fragment.ts";
import { BLOCK_UNITS, blockIndex } from "./limits.ts";
import { NO_ACTOR } from "./pieces.ts";
import { type Part, Sequence } from "./sequence.ts";

/** A block that can be read. */
export interface BlockSource {
  readonly actor: Uint8Array;
  readonly index: number;
  /** False when it is malformed. */
  read(into: Fragment): boolean;
}

const part: Part = {
  actor: 0,
  counter: 0,
  length: 0,
  originActor: 0,
  originCounter: 0,
  isLeft: false,
  isDeleted: false,
};

/**
 * The text of a set of blocks; undefined when one is malformed or comes twice. Origins have lower counters, so one pass
 * in counter order meets each before its child.
 */
export function buildSequence(actors: Actors, blocks: readonly BlockSource[]): Sequence | undefined {
  const sequence = new Sequence(actors);
  const sorted = [...blocks].sort((a, b) => a.index - b.index);
  const fragments: Fragment[] = [];
  for (let from = 0; from < sorted.length; ) {
    const index = sorted[from]?.index;
    let to = from;
    for (; sorted[to]?.index === index; to++) {
      if (fragments.length === to - from) fragments.push(new Fragment());
      if (sorted[to]?.read(fragments[to - from] as Fragment) !== true) return undefined;
    }
    if (!placeBlocks(sequence, sorted.slice(from, to), fragments)) return undefined;
    from = to;
  }
  sequence.takeDirty();
  return sequence;
}

/** The interned numbers of a fragment's actors, by the fragment's numbers. */
export function actorNumbers(actors: Actors, owner: number, fragment: Fragment): number[] {
  const numbers = [owner];
  for (const actor of fragment.dictionary) numbers.push(actors.intern(actor));
  return numbers;
}

/** Places all runs of a fragment; `areShown` when it is known that each can be hung below its origin. */
export function placeRuns(sequence: Sequence, fragment: Fragment, numbers: readonly number[], areShown: boolean): void {
  const end = fragment.runCount * RUN_STRIDE;
  for (let at = 0; at < end; at += RUN_STRIDE) placeRun(sequence, fragment, at, numbers, areShown);
}

/** Places the run at offset `at`; runs of one fragment come in order. */
function placeRun(
  sequence: Sequence,
  fragment: Fragment,
  at: number,
  numbers: readonly number[],
  isKnownShown: boolean,
): void {
  const owner = numbers[0] as number;
  const originActor = runOriginActor(fragment, at);
  const end = runStart(fragment, at) + runLength(fragment, at);
  part.actor = owner;
  part.originActor = originActor === NO_ACTOR ? NO_ACTOR : (numbers[originActor] as number);
  part.originCounter = runOriginCounter(fragment, at);
  part.isLeft = runSide(fragment, at) === 1;
  const isShown = isKnownShown || sequence.isShown(part.originActor, part.originCounter);
  for (let counter = runStart(fragment, at); counter < end; ) {
    const stop = partEnd(fragment, counter, end);
    part.counter = counter;
    part.length = stop - counter;
    if (isShown) sequence.place(part);
    else sequence.keepHidden(part);
    if (!part.isDeleted) copyContent(sequence, fragment, owner, counter, stop);
    part.originActor = owner;
    part.originCounter = stop - 1;
    part.isLeft = false;
    counter = stop;
  }
}

/** Deletes the owner's elements that the fragment says are deleted. */
export function deleteOwn(sequence: Sequence, fragment: Fragment, owner: number): void {
  for (let at = 0; at < fragment.deletedCount * 2; at += 2) {
    sequence.deleteRange(owner, fragment.deleted[at] as number, fragment.deleted[at + 1] as number);
  }
}

/** A fragment with the interned numbers of its actors; its owner's comes first. */
interface Numbered {
  readonly fragment: Fragment;
  readonly numbers: readonly number[];
}

/** Places blocks of one index, read as these fragments; false when an actor has two of them. */
function placeBlocks(sequence: Sequence, sources: readonly BlockSource[], fragments: readonly Fragment[]): boolean {
  const { actors, blocks } = sequence;
  const read: Numbered[] = [];
  for (const [i, { actor, index }] of sources.entries()) {
    const fragment = fragments[i] as Fragment;
    const owner = actors.intern(actor);
    if (blocks.get(owner, index) !== undefined) return false;
    // Room at once, since growing by and by copies it as often.
    blocks.reserve(blocks.ensure(owner, index), Math.min(fragment.end - index * BLOCK_UNITS, BLOCK_UNITS));
    read.push({ fragment, numbers: actorNumbers(actors, owner, fragment) });
  }
  if (read.length === 1) for (const { fragment, numbers } of read) placeRuns(sequence, fragment, numbers, false);
  else placeMerged(sequence, read);
  for (const { fragment, numbers } of read) {
    if (fragment.ghostUnits > 0) deleteOwn(sequence, fragment, numbers[0] as number);
  }
  return true;
}

/** Places the runs of several fragments in counter order. */
function placeMerged(sequence: Sequence, read: readonly Numbered[]): void {
  const runs: (Numbered & { readonly at: number })[] = [];
  for (const { fragment, numbers } of read) {
    for (let at = 0; at < fragment.runCount * RUN_STRIDE; at += RUN_STRIDE) runs.push({ fragment, numbers, at });
  }
  runs.sort((a, b) => runStart(a.fragment, a.at) - runStart(b.fragment, b.at));
  for (const { fragment, numbers, at } of runs) placeRun(sequence, fragment, at, numbers, false);
}

/** Where the part that begins at `counter` ends; sets whether it is deleted. */
function partEnd(fragment: Fragment, counter: number, end: number): number {
  const border = (blockIndex(counter) + 1) * BLOCK_UNITS;
  const stop = Math.min(end, border);
  const { deleted, deletedCount } = fragment;
  let range = fragment.deletedAt;
  while (range < deletedCount && (deleted[range * 2 + 1] as number) <= counter) range++;
  fragment.deletedAt = range;
  part.isDeleted = range < deletedCount && (deleted[range * 2] as number) <= counter;
  if (range === deletedCount) return stop;
  return Math.min(stop, deleted[range * 2 + (part.isDeleted ? 1 : 0)] as number);
}

function copyContent(sequence: Sequence, fragment: Fragment, owner: number, counter: number, end: number): void {
  const block = sequence.blocks.ensure(owner, blockIndex(counter));
  const from = counter % BLOCK_UNITS;
  const to = from + end - counter;
  const content = sequence.blocks.reserve(block, to);
  let at = fragment.contentAt;
  for (let i = from; i < to; i++) content[i] = fragment.content[at++] as number;
  fragment.contentAt = at;
}
