/**
 * A list: values in an order that many edit at once, each of which can be moved.
 *
 * Two things in one. The *positions* are a sequence as a text's is (`../text`), of units that mean nothing. The *items*
 * say what stands there: an element is born at a position, has its id, and holds a value and a location, both
 * last-writer registers. To move is to insert a position and to make it the element's location, so of concurrent moves
 * one wins and the element is there once (Kleppmann, "Moving Elements in List CRDTs", 2020). A deletion is for ever and
 * beats concurrent sets and moves.
 *
 * Invariant: a shown position holds exactly one element. Positions that lost expire on every replica by themselves
 * (`items.ts`), so no join says so and none can take away a position that is in use.
 *
 * Refuses (`text/malformed`, `list/malformed`): stored cells that are not canonical, come twice or do not fit.
 */
import { type ActorId, assert, EMPTY_BYTES, err, must, ok, type Result } from "../../base/index.ts";
import type { LastWriterCell } from "../cells/last-writer.ts";
import type { Content } from "../content.ts";
import type { ListJoins, Target } from "../joins/list-joins.ts";
import type { Intern, Origin } from "../origin.ts";
import type { Anchor, AnchorSide, ElementId } from "../text/anchor.ts";
import { type ElementKey, keyCounter } from "../text/branches.ts";
import { type TextBlock, TextState } from "../text/text-state.ts";
import { POSITION_UNIT } from "./claims.ts";
import { decodeItemBlock, encodeItemBlock, type Location } from "./item-block.ts";
import { Items } from "./items.ts";
import { PendingItems } from "./pending-items.ts";

/** One cell: the positions of `actor` with counters from 1024 * `block`, or the items with those from 64 * `block`. */
export interface ListBlock {
  readonly family: "positions" | "items";
  readonly actor: Uint8Array;
  readonly block: number;
  readonly bytes: Uint8Array;
}

export class ListState {
  readonly #positions: TextState;
  readonly #items: Items;
  readonly #pending = new PendingItems();

  constructor(positions: TextState = new TextState()) {
    this.#positions = positions;
    this.#items = new Items((actor, counter) => positions.expire(actor, counter));
  }

  /** A list of stored blocks. */
  static load(blocks: Iterable<ListBlock>, intern: Intern): Result<ListState> {
    const positions: TextBlock[] = [];
    const items: ListBlock[] = [];
    for (const block of blocks) (block.family === "positions" ? positions : items).push(block);
    const loaded = TextState.load(positions);
    if (!loaded.ok) return loaded;
    const list = new ListState(loaded.value);
    for (const { actor, block, bytes } of items) {
      const decoded = decodeItemBlock(bytes, intern(actor), block, intern);
      if (decoded === undefined || !list.#items.load(decoded)) return malformed("a stored block of items");
    }
    return list.#isWhole() ? ok(list) : malformed("a stored list");
  }

  get length(): number {
    return this.#positions.length;
  }

  /** What the elements from `from` up to `to` hold. */
  contents(from: number, to: number): Content[] {
    return this.#elements(from, to - from).map((element) => this.#items.value(element)?.content ?? null);
  }

  /** What the element at an index holds. */
  content(index: number): Content {
    return this.#items.value(this.#elementAt(index))?.content ?? null;
  }

  /** The id of the element at an index, which stays its own wherever it moves. */
  elementAt(index: number): ElementId {
    return this.#idOf(this.#elementAt(index));
  }

  /** Where an element is now; undefined when it is deleted or not known here. */
  indexOfElement({ actor, counter }: ElementId): number | undefined {
    const element = this.#items.key(actor, counter);
    if (this.#items.value(element) === undefined) return undefined;
    const position = this.#items.location(element) ?? { actor, counter };
    return this.#positions.indexOf({ at: "before", actor: position.actor, counter: position.counter });
  }

  /** What an element holds; undefined when it is deleted or not known here. */
  valueOf({ actor, counter }: ElementId): LastWriterCell | undefined {
    return this.#items.value(this.#items.key(actor, counter));
  }

  /** Where a move put an element; undefined while it is where it was born. */
  locationOf({ actor, counter }: ElementId): Location | undefined {
    return this.#items.location(this.#items.key(actor, counter));
  }

  /** The place before an index, as an anchor; it stays where it is when its neighbours move away. */
  anchorAt(index: number, side: AnchorSide): Anchor {
    return this.#positions.anchorAt(index, side);
  }

  /** How many elements are before an anchor; undefined while its position is not shown here. */
  indexOf(anchor: Anchor): number | undefined {
    return this.#positions.indexOf(anchor);
  }

  /** Inserts before the element at an index; indices outside the list are a bug of the caller, here and below. */
  insert(origin: Origin, index: number, contents: readonly Content[]): void {
    if (contents.length === 0) return;
    const start = this.#positions.insert(origin.actor, index, POSITION_UNIT.repeat(contents.length));
    for (const [i, content] of contents.entries()) {
      const element = this.#items.key(origin.actor, start + i);
      this.#items.joinBirth(element, cellOf(content, origin));
      this.#pending.born.add(element);
    }
  }

  /** Inserts where a position is, or was: right behind it. The position must be known here. */
  insertBehind(origin: Origin, position: ElementId, content: Content): ElementId {
    const counter = this.#positionBehind(origin, position);
    const element = this.#items.key(origin.actor, counter);
    this.#items.joinBirth(element, cellOf(content, origin));
    this.#pending.born.add(element);
    return { actor: origin.actor, counter };
  }

  delete(index: number, count: number): void {
    for (const element of this.#elements(index, count)) {
      this.#items.delete(element);
      this.#pending.deleted.add(element);
    }
  }

  /** Deletes an element by its id, wherever it is. */
  deleteElement({ actor, counter }: ElementId): void {
    const element = this.#items.key(actor, counter);
    this.#items.delete(element);
    this.#pending.deleted.add(element);
  }

  set(origin: Origin, index: number, content: Content): void {
    const element = this.#elementAt(index);
    this.#items.replace(element, cellOf(content, origin));
    this.#pending.set.add(element);
  }

  /** Takes the element at `from` out and puts it in so that it is at `to` then. */
  move(origin: Origin, from: number, to: number): void {
    assert(to >= 0 && to < this.length, "an element moves to an index of the list");
    const element = this.#elementAt(from);
    const before = this.#items.location(element) ?? this.#idOf(element);
    this.#positions.expire(before.actor, before.counter);
    const counter = this.#positions.insert(origin.actor, to, POSITION_UNIT);
    this.#items.joinLocation(element, { stamp: origin.stamp, actor: origin.actor, counter });
    this.#pending.moved.add(element);
  }

  /** Moves an element, which is in the list, to where a position is, or was. The position must be known here. */
  moveBehind(origin: Origin, { actor, counter }: ElementId, position: ElementId): void {
    const element = this.#items.key(actor, counter);
    const to = this.#positionBehind(origin, position);
    const before = this.#items.location(element) ?? { actor, counter };
    this.#positions.expire(before.actor, before.counter);
    this.#items.joinLocation(element, { stamp: origin.stamp, actor: origin.actor, counter: to });
    this.#pending.moved.add(element);
  }

  /** The local operations of `owner` since the last call; undefined when there were none. */
  takeJoins(owner: ActorId): ListJoins | undefined {
    const positions = this.#positions.takeJoin();
    if (this.#pending.isEmpty) return undefined;
    return this.#pending.take(this.#items, this.#items.actorOf(this.#items.key(owner, 1)), positions ?? EMPTY_BYTES);
  }

  /** Applies joins that their decoder accepted. */
  apply(joins: ListJoins, origin: Origin): void {
    const items = this.#items;
    const { stamp, actor } = origin;
    const key = (target: Target): ElementKey => items.key(target.actor ?? actor, target.counter);
    if (joins.positions.length > 0) must(orUndefined(this.#positions.apply(joins.positions, actor)), "a checked join");
    for (const { counter, content } of joins.births)
      items.joinBirth(items.key(actor, counter), cellOf(content, origin));
    for (const { counter, target } of joins.moves) items.joinLocation(key(target), { stamp, actor, counter });
    for (const { target, content } of joins.sets) items.joinValue(key(target), cellOf(content, origin));
    for (const { target, length } of joins.deletes) {
      const first = key(target);
      for (let i = 0; i < length; i++) items.delete(first + i);
    }
  }

  /** The blocks changed since the last call, encoded. */
  takeDirty(): ListBlock[] {
    const blocks: ListBlock[] = [];
    for (const block of this.#positions.takeDirty()) blocks.push({ family: "positions", ...block });
    for (const block of this.#items.takeDirty()) {
      blocks.push({ family: "items", actor: block.actor, block: block.index, bytes: encodeItemBlock(block) });
    }
    return blocks;
  }

  #positionBehind({ actor }: Origin, position: ElementId): number {
    const run = { actor: position.actor, start: position.counter, end: position.counter + 1 };
    const [inserted] = this.#positions.insertBehind(actor, [run], POSITION_UNIT);
    return must(inserted, "one run gives one").start;
  }

  /** Whether every position that shows holds an element: stored cells may come from anywhere. */
  #isWhole(): boolean {
    for (const { actor, start, end } of this.#positions.runsAt(0, this.length)) {
      const first = this.#items.key(actor, start);
      for (let i = 0; i < end - start; i++) if (this.#items.occupant(first + i) === undefined) return false;
    }
    return true;
  }

  #elementAt(index: number): ElementKey {
    const { actor, counter } = this.#positions.elementAt(index);
    return must(this.#items.occupant(this.#items.key(actor, counter)), "a shown position holds an element");
  }

  #idOf(element: ElementKey): ElementId {
    return { actor: this.#items.actorOf(element), counter: keyCounter(element) };
  }

  #elements(index: number, count: number): ElementKey[] {
    const elements: ElementKey[] = [];
    for (const { actor, start, end } of this.#positions.runsAt(index, count)) {
      const first = this.#items.key(actor, start);
      for (let i = 0; i < end - start; i++) {
        elements.push(must(this.#items.occupant(first + i), "a shown position holds an element"));
      }
    }
    return elements;
  }
}

function cellOf(content: Content, { stamp, actor }: Origin): LastWriterCell {
  return { content, stamp, actor };
}

function malformed(what: string): Result<never> {
  return err("list/malformed", `${what} is not in canonical form`);
}

function orUndefined<T>(result: Result<T>): T | undefined {
  return result.ok ? result.value : undefined;
}
