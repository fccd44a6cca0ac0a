/**
 * Writing in one document within a transaction. Refused: a document that is not there any more, names and values that
 * the state cannot hold, and what would make the document larger than it may be.
 */
import { utf8 } from "../../base/index.ts";
import { compareActors } from "../cells/by-actor.ts";
import { createMultiValue, join as joinMulti, type MultiValueCell, seenValues } from "../cells/multi-value.ts";
import { elementToKey } from "../cells/set-element.ts";
import type { ContainerType } from "../container-type.ts";
import type { Writers } from "../handles/handles.ts";
import { COUNTER_SUM_MAX, ENTRY_KEY_BYTES_MAX } from "../limits.ts";
import type { Origin } from "../origin.ts";
import { WriteRefused } from "../refusal.ts";
import { type Stored, storedToBytes, valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import { bitOf, join as joinChildren } from "./fields/child-field.ts";
import { join as joinParts, partOf } from "./fields/counter-field.ts";
import { type Elements, findElement, withElement } from "./fields/elements.ts";
import type { FieldCells, FieldKind } from "./fields/fields.ts";
import * as removeWins from "./fields/remove-wins-field.ts";
import * as set from "./fields/set-field.ts";
import { FIELD_NAME_IN_RECORD_BYTES_MAX, RECORD_ELEMENTS_MAX } from "./limits.ts";
import type { SetPolicy } from "./read-record.ts";
import type { RecordCell } from "./record-cell.ts";

/** What a transaction does to a document. */
export interface RecordDraft {
  readonly id: string;
  readonly slot: number;
  /** The record before the transaction. */
  readonly base: RecordCell | undefined;
  /** About how long the document is when encoded. */
  bytes: number;
  /** False once the transaction has ended, or was taken back. */
  isOpen: boolean;
}

/** What an editor asks of the writer that gave it. */
export interface EditorHost {
  readonly origin: Origin;
  /** The field as the transaction sees it; refuses when the document is not there. */
  fieldOf<K extends FieldKind>(editor: RecordEditor, kind: K, name: string): FieldCells[K] | undefined;
  /** The field as it was before the transaction, in the present generation. */
  baseOf<K extends FieldKind>(editor: RecordEditor, kind: K, name: string): FieldCells[K] | undefined;
  /** `bytes` is about how much longer the document gets. */
  put<K extends Exclude<FieldKind, "last">>(
    editor: RecordEditor,
    kind: K,
    name: string,
    cell: FieldCells[K],
    bytes: number,
  ): void;
  /** As `put`, of a last-writer register, by this origin. */
  putLast(editor: RecordEditor, name: string, content: Stored | undefined, bytes: number): void;
  childWriter<T extends ContainerType>(type: T, editor: RecordEditor, name: string): Writers[T];
}

/** A field's name, its kind, and what says who wrote it. */
const FIELD_BYTES = 16;

export class RecordEditor {
  /** The host's: what its transaction has done to the document. */
  draft: RecordDraft;
  readonly #host: EditorHost;

  constructor(host: EditorHost, draft: RecordDraft) {
    this.#host = host;
    this.draft = draft;
  }

  get id(): string {
    return this.draft.id;
  }

  /** Writes a last-writer register. */
  set(name: string, value: Value): void {
    this.#setLast(name, valueToStored(value));
  }

  /** Empties a last-writer register. */
  clear(name: string): void {
    if (this.#host.fieldOf(this, "last", name)?.content !== undefined) this.#setLast(name, undefined);
  }

  /** Writes a first-writer register, unless there is a value already. Whether it was written. */
  setFirst(name: string, value: Value): boolean {
    const content = valueToStored(value);
    if (this.#host.fieldOf(this, "first", checkName(name)) !== undefined) return false;
    const { stamp, actor } = this.#host.origin;
    this.#host.put(this, "first", name, { content, stamp, actor }, sizeOf(content));
    return true;
  }

  /** Writes a multi-value register in place of all values that show: so is a conflict settled. */
  setMulti(name: string, value: Value): void {
    const content = valueToStored(value);
    const base: MultiValueCell = this.#host.baseOf(this, "multi", checkName(name)) ?? [];
    const written = createMultiValue(this.#host.origin, content, seenValues(base));
    this.#host.put(this, "multi", name, joinMulti(base, written), sizeOf(content));
  }

  /** Writes a multi-value register in place of this actor's own value alone; undefined takes that away. */
  replaceOwnMulti(name: string, value: Value | undefined): void {
    const { origin } = this.#host;
    const base: MultiValueCell = this.#host.baseOf(this, "multi", checkName(name)) ?? [];
    const own = seenValues(base).filter(({ actor }) => compareActors(actor, origin.actor) === 0);
    if (value === undefined && own.length === 0) return;
    const content = value === undefined ? undefined : valueToStored(value);
    const written = createMultiValue(origin, content, own);
    this.#host.put(this, "multi", name, joinMulti(base, written), content === undefined ? 0 : sizeOf(content));
  }

  /** Adds a safe integer, which may be negative, to a counter. */
  add(name: string, amount: number): void {
    if (!Number.isSafeInteger(amount)) throw new WriteRefused("COUNTER_OUT_OF_RANGE", "add a safe integer");
    const cell = this.#host.fieldOf(this, "counter", checkName(name)) ?? [];
    if (amount === 0) return;
    const { actor } = this.#host.origin;
    const own = partOf(cell, actor);
    const added = (own?.added ?? 0) + (amount > 0 ? amount : 0);
    const subtracted = (own?.subtracted ?? 0) - (amount < 0 ? amount : 0);
    if (added > COUNTER_SUM_MAX || subtracted > COUNTER_SUM_MAX) {
      throw new WriteRefused("COUNTER_OUT_OF_RANGE", "one actor adds and subtracts at most 2^52 in all");
    }
    const part = { actor, added, subtracted };
    const parts = own === undefined ? joinParts(cell, [part]) : cell.map((other) => (other === own ? part : other));
    this.#host.put(this, "counter", name, parts, own === undefined ? FIELD_BYTES : 0);
  }

  /** Adds an element to a set. */
  addTo(name: string, element: Value, policy: SetPolicy = "add-wins"): void {
    const stored = checkElement(element);
    if (policy === "add-wins") this.#change("set", name, stored, (base) => set.withAddition(base, this.#host.origin));
    else this.#change("set-remove-wins", name, stored, (base) => removeWins.withAddition(base));
  }

  /** Removes an element from a set; what is not in it stays away by itself. */
  removeFrom(name: string, element: Value, policy: SetPolicy = "add-wins"): void {
    const stored = valueToStored(element);
    if (policy === "add-wins") this.#change("set", name, stored, (base) => set.withRemoval(base));
    else {
      const { origin } = this.#host;
      this.#change("set-remove-wins", name, stored, (base) => removeWins.withRemoval(base, origin));
    }
  }

  /** The container of this type under a name, put there when none is. */
  child<T extends ContainerType>(type: T, name: string): Writers[T] {
    const types = this.#host.fieldOf(this, "child", checkName(name)) ?? 0;
    const joined = joinChildren(types, bitOf(type));
    if (joined !== types) this.#host.put(this, "child", name, joined, FIELD_BYTES);
    return this.#host.childWriter(type, this, name);
  }

  #setLast(name: string, content: Stored | undefined): void {
    this.#host.putLast(this, checkName(name), content, content === undefined ? 0 : sizeOf(content));
  }

  /** Of several changes of one element in a transaction the last alone counts: each starts from what was before. */
  #change<K extends "set" | "set-remove-wins">(
    kind: K,
    name: string,
    element: Stored,
    change: (base: FieldCells[K][number]["cell"] | undefined) => FieldCells[K][number]["cell"] | undefined,
  ): void {
    type Cell = FieldCells[K][number]["cell"];
    const key = elementToKey(element);
    const parts: Elements<Cell> = this.#host.fieldOf(this, kind, checkName(name)) ?? [];
    const base: Elements<Cell> = this.#host.baseOf(this, kind, name) ?? [];
    const present = findElement(parts, key)?.cell;
    const cell = change(findElement(base, key)?.cell);
    if (cell === present) return;
    if (present === undefined && parts.length >= RECORD_ELEMENTS_MAX) {
      throw new WriteRefused("VALUE_TOO_LARGE", `a set in a document has at most ${RECORD_ELEMENTS_MAX} elements`);
    }
    // Both kinds of set are elements with cells, and each is given its own.
    const changed = withElement(parts, key, element, cell) as FieldCells[K];
    this.#host.put(this, kind, name, changed, present === undefined ? sizeOf(element) : 0);
  }
}

function checkName(name: string): string {
  if (typeof name !== "string" || name === "" || !name.isWellFormed()) {
    throw new WriteRefused("KEY_INVALID", "the name of a field is well-formed text, and not empty");
  }
  if (name.length * 3 > FIELD_NAME_IN_RECORD_BYTES_MAX && utf8(name).length > FIELD_NAME_IN_RECORD_BYTES_MAX) {
    throw new WriteRefused(
      "KEY_TOO_LONG",
      `a field's name has at most ${FIELD_NAME_IN_RECORD_BYTES_MAX} bytes of UTF-8`,
    );
  }
  return name;
}

function checkElement(element: Value): Stored {
  const stored = valueToStored(element);
  if (typeof stored === "string" && stored.length * 3 <= ENTRY_KEY_BYTES_MAX - 3) return stored;
  if (storedToBytes(stored).length <= ENTRY_KEY_BYTES_MAX) return stored;
  throw new WriteRefused("KEY_TOO_LONG", `a set element encodes to at most ${ENTRY_KEY_BYTES_MAX} bytes`);
}

/** At least what the value takes when encoded, but for text, which is taken to be mostly ASCII. */
function sizeOf(stored: Stored): number {
  if (typeof stored === "string" || stored instanceof Uint8Array) return stored.length + FIELD_BYTES;
  return typeof stored === "bigint" ? storedToBytes(stored).length + FIELD_BYTES : 2 * FIELD_BYTES;
}
