/**
 * List: values and nested containers in an order that many change at once. An element keeps its id wherever it moves;
 * a nested container is named by its element, so it moves and is forgotten with it.
 */
import { type ContainerId, idToText } from "../../base/index.ts";
import { GENERATION_ZERO, type Generation, nestedContainerId } from "../cell-key.ts";
import type { LastWriterCell } from "../cells/last-writer.ts";
import type { ContainerType } from "../container-type.ts";
import type { ContainerWriter } from "../containers/container.ts";
import type { ListContainer } from "../containers/list-container.ts";
import { type Content, isReference } from "../content.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import type { ListJoins } from "../joins/list-joins.ts";
import { WriteRefused } from "../refusal.ts";
import { storedToValue, valueToStored } from "../stored.ts";
import type { Anchor, AnchorSide, ElementId } from "../text/anchor.ts";
import type { Value } from "../value.ts";
import type { HandleHost, Views, WriterHost, Writers } from "./handles.ts";

export interface ElementTrace {
  readonly value: LastWriterCell;
  /** Where it stands: the unit of the order that is its own. */
  readonly position: ElementId;
  /** Of the delta that moved it there; undefined while it is where it was born. */
  readonly movedBy: Generation | undefined;
}

export class ListView<H extends Views> {
  readonly target: ListContainer;
  readonly #handles: HandleHost<H>;

  constructor(handles: HandleHost<H>, target: ListContainer) {
    this.#handles = handles;
    this.target = target;
  }

  get length(): number {
    return this.target.state().length;
  }

  /** The value at an index; undefined outside the list and where a container is. */
  get(index: number): Value | undefined {
    return contentToValue(this.#content(index));
  }

  /** The type of the container at an index; undefined where a value or nothing is. */
  kindOf(index: number): "absent" | "value" | ContainerType {
    const content = this.#content(index);
    if (content === undefined) return "absent";
    return isReference(content) ? content.type : "value";
  }

  /** The container of this type at an index; undefined when none is there. */
  nested<T extends ContainerType>(type: T, index: number): H[T] | undefined {
    const content = this.#content(index);
    if (!isReference(content) || content.type !== type) return undefined;
    return this.#handles.resolve(type, elementContainerId(this.target.id, type, this.elementAt(index)));
  }

  /** The values from `from` up to `to`, both clamped to the list; null stands for a container. */
  slice(from: number, to: number): Value[] {
    const end = Math.min(to, this.length);
    const start = Math.max(0, from);
    if (start >= end) return [];
    return this.target
      .state()
      .contents(start, end)
      .map((content) => contentToValue(content) ?? null);
  }

  toArray(): Value[] {
    return this.slice(0, this.length);
  }

  *[Symbol.iterator](): Generator<Value> {
    yield* this.toArray();
  }

  /** The id of the element at an index. It outlives moves and sets. */
  elementAt(index: number): ElementId {
    if (!isIndex(index, this.length - 1)) throw outOfRange();
    return this.target.state().elementAt(index);
  }

  /** Who wrote last what an element holds, and where it stands; undefined when it is deleted or not known here. */
  traceOf(element: ElementId): ElementTrace | undefined {
    const state = this.target.state();
    const value = state.valueOf(element);
    if (value === undefined) return undefined;
    const { actor, counter, stamp } = state.locationOf(element) ?? { ...element, stamp: undefined };
    return { value, position: { actor, counter }, movedBy: stamp === undefined ? undefined : { stamp, actor } };
  }

  /** Where an element is; undefined when it is deleted or not known here. */
  indexOfElement(element: ElementId): number | undefined {
    return this.target.state().indexOfElement(element);
  }

  /** The place before an index, as an anchor that survives every edit; it belongs to the element on that side of it. */
  position(index: number, side: AnchorSide): Anchor {
    if (!isIndex(index, this.length)) throw outOfRange();
    return this.target.state().anchorAt(index, side);
  }

  /** Where an anchor is now; undefined when what it names is not known here. */
  indexOf(anchor: Anchor): number | undefined {
    return this.target.state().indexOf(anchor);
  }

  #content(index: number): Content {
    return isIndex(index, this.length - 1) ? this.target.state().content(index) : undefined;
  }
}

export class ListWriter extends ListView<Writers> implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  /** Whether the edits of this transaction are in the list. */
  #isEdited = false;
  #joins: ListJoins | undefined;
  #created: { readonly type: ContainerType; readonly id: ContainerId }[] = [];

  constructor(host: WriterHost, target: ListContainer) {
    super(host, target);
    this.#host = host;
  }

  override nested<T extends ContainerType>(type: T, index: number): Writers[T] | undefined {
    const shown = super.nested(type, index);
    if (shown !== undefined) this.#host.observer?.onNested(this, `${index}`, type, shown.target.id);
    return shown;
  }

  /** Inserts values before an index. */
  insert(index: number, ...values: readonly Value[]): void {
    this.#insert(index, values.map(valueToStored));
  }

  push(...values: readonly Value[]): void {
    this.insert(this.length, ...values);
  }

  /** A new container of this type before an index. */
  insertContainer<T extends ContainerType>(type: T, index: number): Writers[T] {
    this.#insert(index, [{ type, generation: GENERATION_ZERO }]);
    return this.#openCreated(type, this.elementAt(index), index);
  }

  delete(index: number, count = 1): void {
    if (!isIndex(index, this.length) || !isIndex(count, this.length - index)) throw outOfRange();
    if (count === 0) return;
    this.#touch(count);
    this.#host.observer?.onElementsDeleting(this, index, count);
    this.target.state().delete(index, count);
  }

  /** Deletes an element by its id, if it is in the list. */
  deleteElement(element: ElementId): void {
    const index = this.indexOfElement(element);
    if (index === undefined) return;
    this.#touch(1);
    this.#host.observer?.onElementsDeleting(this, index, 1);
    this.target.state().deleteElement(element);
  }

  /** Replaces what is at an index, a container with all that is in it. */
  set(index: number, value: Value): void {
    if (!isIndex(index, this.length - 1)) throw outOfRange();
    this.#set(index, valueToStored(value));
  }

  /** Puts back at an index the container of this type that a value has taken the place of, with what is in it. */
  showContainer(type: ContainerType, index: number): void {
    if (!isIndex(index, this.length - 1)) throw outOfRange();
    this.#set(index, { type, generation: GENERATION_ZERO });
  }

  /** Puts a value back where a position, which is known here, is or was; gives the id of its element. */
  restore(position: ElementId, value: Value): ElementId {
    return this.#restore(position, valueToStored(value));
  }

  restoreContainer<T extends ContainerType>(type: T, position: ElementId): [ElementId, Writers[T]] {
    const element = this.#restore(position, { type, generation: GENERATION_ZERO });
    return [element, this.#openCreated(type, element, this.indexOfElement(element) ?? 0)];
  }

  /** Moves an element of the list to where a position, which is known here, is or was. */
  moveBack(element: ElementId, position: ElementId): void {
    this.#touch(1);
    this.#host.observer?.onElementMoving(this, this.indexOfElement(element) ?? 0);
    this.target.state().moveBehind(this.#host.origin, element, position);
  }

  /** Moves the element at `from` so that it is at `to` afterwards. */
  move(from: number, to: number): void {
    if (!isIndex(from, this.length - 1) || !isIndex(to, this.length - 1)) throw outOfRange();
    if (from === to) return;
    this.#touch(1);
    this.#host.observer?.onElementMoving(this, from);
    this.target.state().move(this.#host.origin, from, to);
  }

  joins(): ContainerJoins | undefined {
    if (!this.#isEdited) return undefined;
    this.#joins ??= this.target.state().takeJoins(this.#host.origin.actor);
    if (this.#joins === undefined) return undefined;
    return { type: "list", name: this.target.fieldName ?? this.target.id, joins: this.#joins };
  }

  commit(): void {
    if (this.#joins !== undefined) this.target.mark(this.#joins, this.#host.origin);
  }

  undo(): void {
    if (this.#isEdited) this.target.drop();
    this.#isEdited = false;
    this.#joins = undefined;
    const created = this.#created;
    this.#created = [];
    for (const { type, id } of created) this.#host.discard(type, id);
  }

  #insert(index: number, contents: readonly Content[]): void {
    if (!isIndex(index, this.length)) throw outOfRange();
    if (contents.length === 0) return;
    this.#touch(contents.length);
    this.target.state().insert(this.#host.origin, index, contents);
    this.#host.observer?.onElementsInserted(this, index, contents.length);
  }

  #set(index: number, content: Content): void {
    this.#touch(1);
    this.#host.observer?.onElementSetting(this, index);
    this.target.state().set(this.#host.origin, index, content);
  }

  #restore(position: ElementId, content: Content): ElementId {
    this.#touch(1);
    const element = this.target.state().insertBehind(this.#host.origin, position, content);
    const index = this.indexOfElement(element);
    if (index !== undefined) this.#host.observer?.onElementsInserted(this, index, 1);
    return element;
  }

  #openCreated<T extends ContainerType>(type: T, element: ElementId, index: number): Writers[T] {
    const id = elementContainerId(this.target.id, type, element);
    this.#created.push({ type, id });
    this.#host.observer?.onNested(this, `${index}`, type, id);
    return this.#host.resolve(type, id);
  }

  /** Counts as many changed cells as elements. */
  #touch(elements: number): void {
    this.#host.assertOpen();
    for (let i = 0; i < elements; i++) this.#host.record(this);
    this.#isEdited = true;
  }
}

/** A container in a list is named by its element, so it moves and is forgotten with it. */
export function elementContainerId(list: ContainerId, type: ContainerType, { actor, counter }: ElementId): ContainerId {
  return nestedContainerId(list, `${counter}/${idToText(actor)}`, type, GENERATION_ZERO);
}

function contentToValue(content: Content): Value | undefined {
  return content === undefined || isReference(content) ? undefined : storedToValue(content);
}

function isIndex(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function outOfRange(): WriteRefused {
  return new WriteRefused("LIST_OUT_OF_RANGE", "index and count must lie within the list");
}
