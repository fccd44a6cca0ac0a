/**
 * Last-writer cells taken apart: contents, stamps and small numbers for actors, each in a column of its own. An entry
 * costs 18 bytes where a cell object of its own takes 64, and a write makes no garbage.
 *
 * Invariant: a slot is empty exactly when its stamp is 0.
 */
import { type ActorId, must, type Stamp } from "../../base/index.ts";
import type { Content } from "../content.ts";
import type { CellColumns } from "./cell-columns.ts";
import { grownLength } from "./grown-length.ts";
import type { LastWriterCell } from "./last-writer.ts";

const SLOTS_INITIAL = 8;
/** So many numbers fit into two bytes. */
const SHORT_NUMBERS = 65_536;
/** Columns this many times longer than what is used are cut. */
const SLACK_MAX = 4;

export class LastWriterColumns implements CellColumns<LastWriterCell> {
  liveCount = 0;
  /** Undefined where absent or empty. */
  readonly #contents: Content[] = [];
  #stamps: Float64Array = new Float64Array(SLOTS_INITIAL);
  /** Numbers of two bytes, until there are more actors than those can tell apart. */
  #actors: Uint16Array | Uint32Array = new Uint16Array(SLOTS_INITIAL);
  readonly #actorList: ActorId[] = [];
  readonly #numberByActor = new Map<ActorId, number>();
  #lastActor: ActorId | undefined;
  #lastNumber = 0;

  get(slot: number): LastWriterCell | undefined {
    const stamp = this.stampAt(slot);
    return stamp === 0 ? undefined : { content: this.#contents[slot], stamp, actor: this.actorAt(slot) };
  }

  set(slot: number, cell: LastWriterCell | undefined): void {
    if (cell !== undefined) this.write(slot, cell.content, cell.stamp, cell.actor);
    else if (!this.isEmpty(slot)) this.#empty(slot);
  }

  isEmpty(slot: number): boolean {
    return this.stampAt(slot) === 0;
  }

  holds(slot: number, cell: LastWriterCell | undefined): boolean {
    if (cell === undefined) return this.isEmpty(slot);
    return this.isOf(slot, cell.stamp, cell.actor) && this.#contents[slot] === cell.content;
  }

  trim(slotEnd: number): void {
    if (this.#contents.length > slotEnd) this.#contents.length = slotEnd;
    if (this.#stamps.length > Math.max(slotEnd, SLOTS_INITIAL) * SLACK_MAX) this.#resize(slotEnd);
  }

  contentAt(slot: number): Content {
    return this.#contents[slot];
  }

  /** The content when it is a text. */
  textAt(slot: number): string | undefined {
    const content = this.#contents[slot];
    return typeof content === "string" ? content : undefined;
  }

  /** Zero for an empty slot. */
  stampAt(slot: number): Stamp {
    return (slot < this.#stamps.length ? this.#stamps[slot] : 0) as Stamp;
  }

  actorAt(slot: number): ActorId {
    return must(this.#actorList[this.#actors[slot] as number], "a cell's actor has a number");
  }

  /** Actors by number: those of cells that are no more, too. */
  get actors(): readonly ActorId[] {
    return this.#actorList;
  }

  /** The number of the actor of a slot that is not empty. */
  actorNumberAt(slot: number): number {
    return this.#actors[slot] as number;
  }

  /** Whether the cell was written by this actor under this stamp. */
  isOf(slot: number, stamp: Stamp, actor: ActorId): boolean {
    return this.stampAt(slot) === stamp && this.#actors[slot] === this.#numberOf(actor);
  }

  /** Sets a cell by its parts. The actor is interned. */
  write(slot: number, content: Content, stamp: Stamp, actor: ActorId): void {
    if (slot >= this.#stamps.length) this.#resize(slot + 1);
    if (slot < this.#contents.length) {
      if (this.#contents[slot] !== undefined) this.liveCount--;
      this.#contents[slot] = content;
    } else {
      while (this.#contents.length < slot) this.#contents.push(undefined);
      this.#contents.push(content);
    }
    if (content !== undefined) this.liveCount++;
    const number = this.#numberOf(actor);
    this.#stamps[slot] = stamp;
    this.#actors[slot] = number;
  }

  #empty(slot: number): void {
    if (this.#contents[slot] !== undefined) this.liveCount--;
    this.#contents[slot] = undefined;
    this.#stamps[slot] = 0;
  }

  #numberOf(actor: ActorId): number {
    if (actor === this.#lastActor) return this.#lastNumber;
    let number = this.#numberByActor.get(actor);
    if (number === undefined) {
      number = this.#actorList.length;
      this.#actorList.push(actor);
      this.#numberByActor.set(actor, number);
      if (number === SHORT_NUMBERS) this.#actors = Uint32Array.from(this.#actors);
    }
    this.#lastActor = actor;
    this.#lastNumber = number;
    return number;
  }

  #resize(slots: number): void {
    const capacity = grownLength(this.#stamps.length, slots);
    const kept = Math.min(capacity, this.#stamps.length);
    const [stamps, actors] = [this.#stamps.subarray(0, kept), this.#actors.subarray(0, kept)];
    this.#stamps = new Float64Array(capacity);
    this.#stamps.set(stamps);
    this.#actors = this.#actorList.length > SHORT_NUMBERS ? new Uint32Array(capacity) : new Uint16Array(capacity);
    this.#actors.set(actors);
  }
}
