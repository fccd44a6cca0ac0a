/**
 * A block element by element, and the join of two versions of it: slow and plain, for what an honest history never
 * brings (an actor that gave one id twice, an element deleted before it came).
 *
 * Per element the least (origin counter, origin actor, side, unit) stands, and deleted beats content. No choice
 * depends on the order of arrival: both are joins, and dropping the unit of a deleted element commutes with them.
 */
import { compareBytes, EMPTY_BYTES } from "../../base/index.ts";
import {
  type Fragment,
  OWNER,
  RUN_STRIDE,
  runLength,
  runOriginActor,
  runOriginCounter,
  runSide,
  runStart,
} from "./fragment.ts";
import { BLOCK_UNITS, blockIndex } from "./limits.ts";
import { NO_ACTOR } from "./pieces.ts";

interface Element {
  readonly originCounter: number;
  /** Empty for the start of the text. */
  readonly originActor: Uint8Array;
  readonly side: number;
  /** Not looked at when the element is deleted. */
  readonly unit: number;
}

/** By place in the block. */
export interface BlockElements {
  readonly elements: (Element | undefined)[];
  readonly deleted: boolean[];
}

export function emptyElements(): BlockElements {
  return { elements: [], deleted: [] };
}

/** Marks what a block's fragment says is deleted, elements or not. */
export function spreadGhosts(fragment: Fragment, into: BlockElements): void {
  for (let at = 0; at < fragment.deletedCount * 2; at += 2) {
    const end = fragment.deleted[at + 1] as number;
    for (let counter = fragment.deleted[at] as number; counter < end; counter++) {
      into.deleted[counter % BLOCK_UNITS] = true;
    }
  }
}

/** Spreads a fragment's elements over the blocks that `blockAt` gives by index. */
export function spreadFragment(fragment: Fragment, owner: Uint8Array, blockAt: (index: number) => BlockElements): void {
  fragment.contentAt = 0;
  fragment.deletedAt = 0;
  for (let at = 0; at < fragment.runCount * RUN_STRIDE; at += RUN_STRIDE) {
    const start = runStart(fragment, at);
    const originActor = actorBytes(fragment, owner, runOriginActor(fragment, at));
    for (let counter = start; counter < start + runLength(fragment, at); counter++) {
      const block = blockAt(blockIndex(counter));
      const place = counter % BLOCK_UNITS;
      const unit = nextUnit(fragment, counter);
      if (unit === undefined) block.deleted[place] = true;
      block.elements[place] =
        counter === start
          ? { originCounter: runOriginCounter(fragment, at), originActor, side: runSide(fragment, at), unit: unit ?? 0 }
          : { originCounter: counter - 1, originActor: owner, side: 0, unit: unit ?? 0 };
    }
  }
}

/** Joins `from` into `into`; how many of `from`'s elements lost to another version. */
export function joinElements(into: BlockElements, from: BlockElements): { changed: boolean; lost: number } {
  let changed = false;
  let lost = 0;
  for (let place = 0; place < BLOCK_UNITS; place++) {
    const mine = into.elements[place];
    const theirs = from.elements[place];
    const isDeleted = into.deleted[place] === true || from.deleted[place] === true;
    if (isDeleted && into.deleted[place] !== true) {
      into.deleted[place] = true;
      changed = true;
    }
    if (theirs === undefined) continue;
    const order = mine === undefined ? -1 : compareElements(theirs, mine, isDeleted);
    if (order > 0) lost++;
    if (order >= 0) continue;
    into.elements[place] = theirs;
    changed = true;
  }
  return { changed, lost };
}

/** The run form of a block's elements, its dictionary sorted. */
export function elementsToFragment(block: BlockElements, owner: Uint8Array, index: number, into: Fragment): void {
  into.reset();
  const unit = new Uint16Array(1);
  const actors = new Map<string, Uint8Array>();
  for (let place = 0; place < BLOCK_UNITS; place++) {
    const counter = index * BLOCK_UNITS + place;
    const element = block.elements[place];
    const isDeleted = block.deleted[place] === true;
    if (isDeleted) into.addDeleted(counter, counter + 1);
    if (element === undefined) {
      if (isDeleted) into.ghostUnits++;
      continue;
    }
    const { originActor, originCounter, side } = element;
    into.addRun(counter, 1, originCounter, fragmentNumber(into, actors, owner, originActor), side);
    if (isDeleted) continue;
    unit[0] = element.unit;
    into.addContent(unit, 0, 1);
  }
  into.sortDictionary();
}

/** The content of the element at `counter`, the runs being read in order; undefined when it is deleted. */
function nextUnit(fragment: Fragment, counter: number): number | undefined {
  const { deleted, deletedCount } = fragment;
  let range = fragment.deletedAt;
  while (range < deletedCount && (deleted[range * 2 + 1] as number) <= counter) range++;
  fragment.deletedAt = range;
  const isDeleted = range < deletedCount && (deleted[range * 2] as number) <= counter;
  return isDeleted ? undefined : fragment.content[fragment.contentAt++];
}

function compareElements(a: Element, b: Element, isDeleted: boolean): number {
  return (
    a.originCounter - b.originCounter ||
    compareBytes(a.originActor, b.originActor) ||
    a.side - b.side ||
    (isDeleted ? 0 : a.unit - b.unit)
  );
}

function actorBytes(fragment: Fragment, owner: Uint8Array, number: number): Uint8Array {
  if (number === NO_ACTOR) return EMPTY_BYTES;
  return number === OWNER ? owner : (fragment.dictionary[number - 1] as Uint8Array);
}

function fragmentNumber(into: Fragment, actors: Map<string, Uint8Array>, owner: Uint8Array, actor: Uint8Array): number {
  if (actor.length === 0) return NO_ACTOR;
  if (compareBytes(actor, owner) === 0) return OWNER;
  const key = actor.join();
  const known = actors.get(key) ?? actor;
  actors.set(key, known);
  return into.number(known);
}
