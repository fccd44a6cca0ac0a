/** From fragments to a sequence: runs are cut into parts at block borders and where live meets deleted. */
import type { Actors } from "./actors.ts";
import {
  type Fragment,
  RUN_STRIDE,
  runLength,
  runOriginActor,
  runOriginCounter,
  runSide,
  runStart,
} from "./fragment.ts";
import { BLOCK_UNITS, blockIndex } from "./limits.ts";
import { NO_ACTOR } from "./pieces.ts";
import { type Part, Sequence } from "./sequence.ts";

/** One block, read. */
export interface BlockFragment {
  readonly actor: Uint8Array;
  readonly index: number;
  readonly fragment: Fragment;
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

/** The text of a set of blocks. Origins have lower counters, so one pass in counter order meets each before its child. */
export function buildSequence(actors: Actors, blocks: readonly BlockFragment[]): Sequence {
  const sequence = new Sequence(actors);
  const sorted = [...blocks].sort((a, b) => a.index - b.index);
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1;
    while (to < sorted.length && sorted[to]?.index === sorted[from]?.index) to++;
    placeBlocks(sequence, sorted.slice(from, to));
    from = to;
  }
  for (const { actor, fragment } of blocks) {
    if (fragment.ghostUnits > 0) deleteOwn(sequence, fragment, actors.intern(actor));
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

/** Places the run at offset `at`; runs of one fragment come in order. */
export function placeRun(sequence: Sequence, fragment: Fragment, at: number, numbers: readonly number[]): void {
  const owner = numbers[0] as number;
  const originActor = runOriginActor(fragment, at);
  const end = runStart(fragment, at) + runLength(fragment, at);
  part.actor = owner;
  part.originActor = originActor === NO_ACTOR ? NO_ACTOR : (numbers[originActor] as number);
  part.originCounter = runOriginCounter(fragment, at);
  part.isLeft = runSide(fragment, at) === 1;
  const isShown = sequence.isShown(part.originActor, part.originCounter);
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

function placeBlocks(sequence: Sequence, blocks: readonly BlockFragment[]): void {
  const runs: { readonly fragment: Fragment; readonly at: number; readonly numbers: readonly number[] }[] = [];
  for (const { actor, fragment } of blocks) {
    const numbers = actorNumbers(sequence.actors, sequence.actors.intern(actor), fragment);
    for (let at = 0; at < fragment.runCount * RUN_STRIDE; at += RUN_STRIDE) {
      if (blocks.length === 1) placeRun(sequence, fragment, at, numbers);
      else runs.push({ fragment, at, numbers });
    }
  }
  runs.sort((a, b) => runStart(a.fragment, a.at) - runStart(b.fragment, b.at));
  for (const run of runs) placeRun(sequence, run.fragment, run.at, run.numbers);
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
