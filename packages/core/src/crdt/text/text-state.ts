/**
 * A text: one container's sequence of UTF-16 units, its local edits and the joins of others.
 *
 * State is a set of blocks, each a function of the joins it has seen and not of their order; that is what the root
 * hash covers. The order of the text is derived from it (`sequence.ts`). Elements inserted by a join belong to the
 * actor of its delta; deletes may name any element. Joins arrive in causal order, each after those its actor had seen.
 *
 * A new counter is one above the actor's highest and above its origin's. That keeps an actor's counters dense and lets
 * nobody raise another's clock except by being typed after, which `COUNTER_LOCAL_MAX` bounds.
 *
 * Refuses (`text/malformed`): bytes that are not the canonical form of a join or block, whole, before any effect.
 */
import { assert, err, must, ok, type Result, type Writer } from "../../base/index.ts";
import { Actors } from "./actors.ts";
import type { Anchor, AnchorSide, ElementId } from "./anchor.ts";
import type { Block } from "./blocks.ts";
import { elementKey } from "./branches.ts";
import { anchorAt, anchorToIndex, deleteRuns, type ElementRun, elementAt, insertBehind, runsAt } from "./by-id.ts";
import { decodeBlock, decodeJoin, encodeFragment, writeFragment } from "./codec.ts";
import {
  type BlockElements,
  elementsToFragment,
  emptyElements,
  joinElements,
  spreadFragment,
  spreadGhosts,
} from "./elements.ts";
import { Fragment, RUN_STRIDE, runLength, runOriginActor, runOriginCounter, runStart } from "./fragment.ts";
import { gatherBlock } from "./gather.ts";
import { BLOCK_UNITS, blockIndex } from "./limits.ts";
import { deleteLocally, insertLocally } from "./local.ts";
import { Pending } from "./pending.ts";
import { DELETED, NO_ACTOR, START } from "./pieces.ts";
import { actorNumbers, type BlockSource, buildSequence, deleteOwn, placeRuns } from "./replay.ts";
import { Sequence } from "./sequence.ts";

/** One cell: the elements of `actor` with counters from 1024 * `block`. */
export interface TextBlock {
  readonly actor: Uint8Array;
  readonly block: number;
  readonly bytes: Uint8Array;
}

/** What a join did: `void` counts its elements that lost to another version of the same id. */
export interface TextApplied {
  readonly void: number;
}

/** One for all: every use fills and reads it within one call. */
const scratch = new Fragment();
/** The numbers of a join without a dictionary: its owner's alone. Shared as `scratch` is. */
const ownerAlone: number[] = [0];
/** What nearly every join gives: made once, since a history has hundreds of thousands. */
const NONE_LOST: Result<TextApplied> = ok({ void: 0 });

export class TextState {
  readonly #actors = new Actors();
  #sequence: Sequence = new Sequence(this.#actors);
  readonly #pending = new Pending();

  /** A text of stored blocks. Fails with `text/malformed` on a block that is not canonical or comes twice. */
  static load(blocks: Iterable<TextBlock>): Result<TextState> {
    const text = new TextState();
    const sources = Array.from(blocks, ({ actor, block, bytes }): BlockSource => {
      return { actor, index: block, read: (into) => decodeBlock(bytes, block, into) };
    });
    const sequence = buildSequence(text.#actors, sources);
    if (sequence === undefined) return err("text/malformed", "a stored text block is not in canonical form");
    text.#sequence = sequence;
    return ok(text);
  }

  /** Visible UTF-16 units. */
  get length(): number {
    return this.#sequence.order.length;
  }

  toString(): string {
    return this.slice(0, this.length);
  }

  slice(from: number, to: number): string {
    const start = Math.max(0, from);
    const end = Math.min(to, this.length);
    if (start >= end) return "";
    const units = new Uint16Array(end - start);
    this.#copyUnits(start, units);
    return unitsToString(units);
  }

  /**
   * Inserts as `actor` before the unit at `position`; positions outside the text are a bug of the caller. The counter of
   * the first unit, 0 for no text.
   */
  insert(actor: Uint8Array, position: number, text: string): number {
    assert(position >= 0 && position <= this.length, "insert position is inside the text");
    if (text.length === 0) return 0;
    const number = this.#pending.begin(this.#actors.intern(actor));
    const start = insertLocally(this.#sequence, number, position, text);
    this.#noteInserted(number, start, text.length);
    return start;
  }

  /** Deletes `count` units from `position` on. */
  delete(actor: Uint8Array, position: number, count: number): void {
    assert(position >= 0 && count >= 0 && position + count <= this.length, "deleted range is inside the text");
    if (count === 0) return;
    this.#pending.begin(this.#actors.intern(actor));
    deleteLocally(this.#sequence, this.#pending, position, count);
  }

  /** The place before the unit at `position`, as an anchor that belongs to the unit on one side of it. */
  anchorAt(position: number, side: AnchorSide): Anchor {
    assert(position >= 0 && position <= this.length, "an anchor's position is inside the text");
    return anchorAt(this.#sequence, position, side);
  }

  /** How many visible units are before an anchor; undefined while its element is not shown here. */
  indexOf(anchor: Anchor): number | undefined {
    return anchorToIndex(this.#sequence, anchor);
  }

  /** The id of the unit at a position. */
  elementAt(position: number): ElementId {
    assert(position >= 0 && position < this.length, "the position is inside the text");
    return elementAt(this.#sequence, position);
  }

  /** The ids of `count` units from `position` on, in their order. */
  runsAt(position: number, count: number): ElementRun[] {
    assert(position >= 0 && count >= 0 && position + count <= this.length, "the range is inside the text");
    return runsAt(this.#sequence, position, count);
  }

  /** Deletes by id what of the runs is still there. */
  deleteRuns(actor: Uint8Array, runs: readonly ElementRun[]): void {
    deleteRuns(this.#sequence, this.#pending, this.#actors.intern(actor), runs);
  }

  /** Deletes one element without a word in the join: every replica does so by itself. */
  expire(actor: Uint8Array, counter: number): void {
    this.#sequence.deleteRange(this.#actors.intern(actor), counter, counter + 1);
    this.#sequence.order.resetCursor();
  }

  /** Inserts a part of `text` for each run, as long as it and right behind it, live or deleted; gives the new ids. */
  insertBehind(actor: Uint8Array, runs: readonly ElementRun[], text: string): ElementRun[] {
    if (runs.length === 0) return [];
    const number = this.#pending.begin(this.#actors.intern(actor));
    const inserted: ElementRun[] = [];
    let at = 0;
    for (const run of runs) {
      const part = text.slice(at, at + run.end - run.start);
      at += part.length;
      const start = insertBehind(this.#sequence, number, run, part);
      this.#noteInserted(number, start, part.length);
      inserted.push({ actor: this.#actors.id(number), start, end: start + part.length });
    }
    assert(at === text.length, "the text is as long as the runs together");
    return inserted;
  }

  /** The local operations since the last call, as one join; undefined when there were none. */
  takeJoin(): Uint8Array | undefined {
    if (this.#pending.isEmpty) return undefined;
    this.#pending.take(this.#sequence, scratch);
    return encodeFragment(scratch, 0);
  }

  /** Appends the local operations since the last call, as one join; false when there were none. */
  writeJoin(into: Writer): boolean {
    if (this.#pending.isEmpty) return false;
    this.#pending.take(this.#sequence, scratch);
    writeFragment(into, scratch, 0);
    return true;
  }

  /** Applies a join of `actor`'s delta. Fails with `text/malformed`, and then without effect. */
  apply(join: Uint8Array, actor: Uint8Array): Result<TextApplied> {
    if (!decodeJoin(join, scratch)) return err("text/malformed", "the text join is not in canonical form");
    const owner = this.#actors.intern(actor);
    ownerAlone[0] = owner;
    const numbers = scratch.dictionary.length === 0 ? ownerAlone : actorNumbers(this.#actors, owner, scratch);
    const lost = this.#isPlain(scratch, owner, numbers)
      ? this.#applyPlain(scratch, owner, numbers)
      : this.#applyHard(scratch, owner);
    const { foreign } = scratch;
    for (let at = 0; at < foreign.length; at += 3) {
      const target = numbers[foreign[at] as number] as number;
      this.#sequence.deleteRange(target, foreign[at + 1] as number, foreign[at + 2] as number);
    }
    this.#sequence.order.resetCursor();
    return lost === 0 ? NONE_LOST : ok({ void: lost });
  }

  /** The blocks changed since the last call, encoded. */
  takeDirty(): readonly TextBlock[] {
    const sequence = this.#sequence;
    return sequence.takeDirty().map((block) => this.#encode(block));
  }

  #noteInserted(actor: number, start: number, length: number): void {
    this.#pending.inserted(start, length);
    if (this.#sequence.missing.size > 0 && this.#adopts(actor, start, length)) this.#rebuild(new Map());
  }

  #encode(block: Block): TextBlock {
    gatherBlock(this.#sequence, block, scratch);
    const bytes = encodeFragment(scratch, block.index * BLOCK_UNITS);
    return { actor: this.#actors.id(block.owner.actor), block: block.index, bytes };
  }

  /** True when the join's elements are all new, unexpected, and hang at elements that are shown. */
  #isPlain(join: Fragment, owner: number, numbers: readonly number[]): boolean {
    const sequence = this.#sequence;
    if (join.runCount === 0) return true;
    const first = runStart(join, 0);
    if (first <= sequence.blocks.top(owner)) return false;
    for (let at = 0; at < join.runCount * RUN_STRIDE; at += RUN_STRIDE) {
      if (sequence.missing.size > 0 && this.#adopts(owner, runStart(join, at), runLength(join, at))) return false;
      const origin = runOriginActor(join, at);
      if (origin === NO_ACTOR) continue;
      const number = numbers[origin] as number;
      const counter = runOriginCounter(join, at);
      const isShown = number === owner && counter >= first ? holds(join, counter) : sequence.isShown(number, counter);
      if (!isShown) return false;
    }
    return true;
  }

  #applyPlain(join: Fragment, owner: number, numbers: readonly number[]): number {
    placeRuns(this.#sequence, join, numbers, true);
    if (join.ghostUnits > 0) deleteOwn(this.#sequence, join, owner);
    return 0;
  }

  /** Joins element by element and builds the order anew: an actor gave one id twice, or an origin is missing. */
  #applyHard(join: Fragment, owner: number): number {
    const actor = this.#actors.id(owner);
    const theirs = new Map<number, BlockElements>();
    spreadFragment(join, actor, (index) => {
      const elements = theirs.get(index) ?? emptyElements();
      theirs.set(index, elements);
      return elements;
    });
    const changed = new Map<number, BlockElements>();
    const fragment = new Fragment();
    let lost = 0;
    for (const [index, elements] of theirs) {
      const mine = emptyElements();
      const block = this.#sequence.blocks.get(owner, index);
      if (block !== undefined) {
        gatherBlock(this.#sequence, block, fragment);
        spreadGhosts(fragment, mine);
        spreadFragment(fragment, actor, () => mine);
      }
      const joined = joinElements(mine, elements);
      lost += joined.lost;
      if (joined.changed) changed.set(index, mine);
    }
    if (changed.size > 0) this.#rebuild(changed, owner);
    deleteOwn(this.#sequence, join, owner);
    return lost;
  }

  /** Builds the sequence again from its blocks, some of `owner`'s replaced. Pending edits name ids and stay. */
  #rebuild(replaced: ReadonlyMap<number, BlockElements>, owner: number = NO_ACTOR): void {
    const actors = this.#actors;
    const before = this.#sequence;
    const blocks: BlockSource[] = [];
    const source = (actor: number, index: number, write: (into: Fragment) => void): BlockSource => {
      const read = (into: Fragment): boolean => {
        write(into);
        return true;
      };
      return { actor: actors.id(actor), index, read };
    };
    for (const block of before.blocks) {
      const actor = block.owner.actor;
      if (actor === owner && replaced.has(block.index)) continue;
      blocks.push(source(actor, block.index, (into) => gatherBlock(before, block, into)));
    }
    for (const [index, elements] of replaced) {
      blocks.push(source(owner, index, (into) => elementsToFragment(elements, actors.id(owner), index, into)));
    }
    const dirty = before.takeDirty();
    this.#sequence = must(buildSequence(actors, blocks), "blocks of a sequence are whole");
    for (const block of dirty) this.#markDirty(block.owner.actor, block.index);
    for (const index of replaced.keys()) this.#markDirty(owner, index);
  }

  #markDirty(actor: number, index: number): void {
    this.#sequence.markDirty(must(this.#sequence.blocks.get(actor, index), "a changed block stays"));
  }

  /** True when a kept element waits for one of these. */
  #adopts(actor: number, start: number, length: number): boolean {
    const { missing } = this.#sequence;
    for (let counter = start; counter < start + length; counter++) {
      if (missing.has(elementKey(actor, counter))) return true;
    }
    return false;
  }

  #copyUnits(from: number, into: Uint16Array): void {
    const { pieces, blocks, order } = this.#sequence;
    let piece = order.find(from);
    let skip = order.offset;
    let at = 0;
    for (; piece !== START && at < into.length; piece = pieces.next(piece)) {
      if (pieces.has(piece, DELETED)) continue;
      const counter = pieces.counter(piece);
      const block = must(blocks.get(pieces.actor(piece), blockIndex(counter)), "a shown piece has a block");
      const start = (counter % BLOCK_UNITS) + skip;
      const count = Math.min(pieces.length(piece) - skip, into.length - at);
      for (let i = start; i < start + count; i++) into[at++] = block.content[i] as number;
      skip = 0;
    }
  }
}

/** True when the bytes are a join in canonical form: what `apply` accepts. */
export function checkTextJoin(bytes: Uint8Array): boolean {
  return decodeJoin(bytes, scratch);
}

/** True when one of the join's own runs holds the counter. Runs ascend. */
function holds(join: Fragment, counter: number): boolean {
  let low = 0;
  let high = join.runCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = middle * RUN_STRIDE;
    if (runStart(join, at) + runLength(join, at) > counter) high = middle;
    else low = middle + 1;
  }
  return low < join.runCount && runStart(join, low * RUN_STRIDE) <= counter;
}

const STRING_CHUNK = 8192;

function unitsToString(units: Uint16Array): string {
  let text = "";
  for (let at = 0; at < units.length; at += STRING_CHUNK) {
    text += Reflect.apply(String.fromCharCode, undefined, units.subarray(at, at + STRING_CHUNK));
  }
  return text;
}
