/**
 * The items of a list by the id of their element, and which element stands at which position.
 *
 * Invariant: of all positions that an element was ever given, its birth's first, every one but the latest is expired,
 * and once it is deleted all are. What is reported as expired depends on the joins seen and not on their order.
 */
import { type ActorId, compareBytes } from "../../base/index.ts";
import { join as joinValues, type LastWriterCell } from "../cells/last-writer.ts";
import { Actors } from "../text/actors.ts";
import { type ElementKey, elementKey, keyActor, keyCounter } from "../text/branches.ts";
import { createItemBlock, type ItemBlock, type Location } from "./item-block.ts";
import { BLOCK_ITEMS, itemBlockIndex } from "./limits.ts";

/** Told of a position that shows no element any more, and never will. */
export type OnExpired = (actor: ActorId, counter: number) => void;

export class Items {
  readonly #actors = new Actors();
  /** By actor number and block index, packed as an element key is. */
  readonly #blocks = new Map<ElementKey, ItemBlock>();
  /** The element at a position that a move made. */
  readonly #moved = new Map<ElementKey, ElementKey>();
  readonly #onExpired: OnExpired;
  #dirty: ItemBlock[] = [];

  constructor(onExpired: OnExpired) {
    this.#onExpired = onExpired;
  }

  /** Takes in a stored block; false when there is one in its place. */
  load(block: ItemBlock): boolean {
    const actor = this.#actors.intern(block.actor);
    const key = elementKey(actor, block.index);
    if (this.#blocks.has(key)) return false;
    this.#blocks.set(key, block);
    for (let slot = 0; slot < block.locations.length; slot++) {
      const location = block.locations[slot];
      if (location !== undefined) this.#stand(elementKey(actor, block.index * BLOCK_ITEMS + slot), location);
    }
    return true;
  }

  key(actor: Uint8Array, counter: number): ElementKey {
    return elementKey(this.#actors.intern(actor), counter);
  }

  actorOf(element: ElementKey): ActorId {
    // Whatever is interned here came as an actor's id.
    return this.#actors.id(keyActor(element)) as ActorId;
  }

  /** The element that stands at a position; undefined when none does. */
  occupant(position: ElementKey): ElementKey | undefined {
    const block = this.#blockOf(position);
    const slot = slotOf(position);
    const isBorn = block !== undefined && block.values[slot] !== undefined && block.locations[slot] === undefined;
    return isBorn ? position : this.#moved.get(position);
  }

  value(element: ElementKey): LastWriterCell | undefined {
    return this.#blockOf(element)?.values[slotOf(element)];
  }

  location(element: ElementKey): Location | undefined {
    return this.#blockOf(element)?.locations[slotOf(element)];
  }

  isDeleted(element: ElementKey): boolean {
    return this.#blockOf(element)?.deleted[slotOf(element)] === true;
  }

  /** Puts a value of one's own over another of the same transaction. */
  replace(element: ElementKey, value: LastWriterCell): void {
    const block = this.#ensure(element);
    block.values[slotOf(element)] = value;
    this.#mark(block);
  }

  joinValue(element: ElementKey, value: LastWriterCell): void {
    const block = this.#ensure(element);
    const slot = slotOf(element);
    if (block.deleted[slot] === true) return;
    const mine = block.values[slot];
    const joined = mine === undefined ? value : joinValues(mine, value);
    if (joined === mine) return;
    block.values[slot] = joined;
    this.#mark(block);
  }

  /** Whoever inserts at a position says so here: it expires when its element is deleted or was moved before. */
  joinBirth(element: ElementKey, value: LastWriterCell): void {
    this.joinValue(element, value);
    const isElsewhere = this.isDeleted(element) || this.location(element) !== undefined;
    if (isElsewhere) this.#expire(this.actorOf(element), keyCounter(element));
  }

  joinLocation(element: ElementKey, location: Location): void {
    const block = this.#ensure(element);
    const slot = slotOf(element);
    const mine = block.locations[slot];
    if (block.deleted[slot] === true || (mine !== undefined && compareLocations(mine, location) > 0)) {
      this.#expire(location.actor, location.counter);
      return;
    }
    if (mine !== undefined && compareLocations(mine, location) === 0) return;
    if (mine === undefined) this.#expire(block.actor, keyCounter(element));
    else this.#expire(mine.actor, mine.counter);
    block.locations[slot] = location;
    this.#stand(element, location);
    this.#mark(block);
  }

  delete(element: ElementKey): void {
    const block = this.#ensure(element);
    const slot = slotOf(element);
    if (block.deleted[slot] === true) return;
    const location = block.locations[slot];
    this.#expire(block.actor, keyCounter(element));
    if (location !== undefined) this.#expire(location.actor, location.counter);
    block.deleted[slot] = true;
    block.values[slot] = undefined;
    block.locations[slot] = undefined;
    this.#mark(block);
  }

  takeDirty(): ItemBlock[] {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const block of dirty) block.isDirty = false;
    return dirty;
  }

  #expire(actor: ActorId, counter: number): void {
    this.#moved.delete(this.key(actor, counter));
    this.#onExpired(actor, counter);
  }

  /** Only a faulty actor gives one position to two elements: then the lesser stands there. */
  #stand(element: ElementKey, { actor, counter }: Location): void {
    const position = this.key(actor, counter);
    const other = this.#moved.get(position);
    if (other === undefined || this.#compare(element, other) < 0) this.#moved.set(position, element);
  }

  #compare(a: ElementKey, b: ElementKey): number {
    return keyCounter(a) - keyCounter(b) || compareBytes(this.actorOf(a), this.actorOf(b));
  }

  #blockOf(element: ElementKey): ItemBlock | undefined {
    return this.#blocks.get(elementKey(keyActor(element), itemBlockIndex(keyCounter(element))));
  }

  #ensure(element: ElementKey): ItemBlock {
    const index = itemBlockIndex(keyCounter(element));
    const key = elementKey(keyActor(element), index);
    const known = this.#blocks.get(key) ?? createItemBlock(this.actorOf(element), index);
    this.#blocks.set(key, known);
    return known;
  }

  #mark(block: ItemBlock): void {
    if (block.isDirty) return;
    block.isDirty = true;
    this.#dirty.push(block);
  }
}

function slotOf(element: ElementKey): number {
  return keyCounter(element) % BLOCK_ITEMS;
}

function compareLocations(a: Location, b: Location): number {
  return a.stamp - b.stamp || compareBytes(a.actor, b.actor) || a.counter - b.counter;
}
