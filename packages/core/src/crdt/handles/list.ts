/**
 * List: values and nested containers in an order that many change at once. An element keeps its id wherever it moves;
 * a nested container is named by its element, so it moves and is forgotten with it.
 */
import { type ContainerId, idToText } from "../../base/index.ts";
import { GENERATION_ZERO, nestedContainerId } from "../cell-key.ts";
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
    return this.#handles.resolve(type, this.nestedId(type, this.elementAt(index)));
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

  protected nestedId(type: ContainerType, { actor, counter }: ElementId): ContainerId {
    return nestedContainerId(this.target.id, `${counter}/${idToText(actor)}`, type, GENERATION_ZERO);
  }

  #content(index: number): Content {
    return isIndex(index, this.length - 1) ? this.target.state().contents(index, index + 1)[0] : undefined;
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
    const id = this.nestedId(type, this.elementAt(index));
    this.#created.push({ type, id });
    return this.#host.resolve(type, id);
  }

  delete(index: number, count = 1): void {
    if (!isIndex(index, this.length) || !isIndex(count, this.length - index)) throw outOfRange();
    if (count === 0) return;
    this.#touch(count);
    this.target.state().delete(index, count);
  }

  /** Replaces what is at an index, a container with all that is in it. */
  set(index: number, value: Value): void {
    if (!isIndex(index, this.length - 1)) throw outOfRange();
    const stored = valueToStored(value);
    this.#touch(1);
    this.target.state().set(this.#host.origin, index, stored);
  }

  /** Moves the element at `from` so that it is at `to` afterwards. */
  move(from: number, to: number): void {
    if (!isIndex(from, this.length - 1) || !isIndex(to, this.length - 1)) throw outOfRange();
    if (from === to) return;
    this.#touch(1);
    this.target.state().move(this.#host.origin, from, to);
  }

  joins(): ContainerJoins | undefined {
    if (!this.#isEdited) return undefined;
    this.#joins ??= this.target.state().takeJoins(this.#host.origin.actor);
    if (this.#joins === undefined) return undefined;
    return { type: "list", name: this.target.fieldName ?? this.target.id, joins: this.#joins };
  }

  commit(): void {
    if (this.#isEdited) this.target.mark();
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
  }

  /** Counts as many changed cells as elements. */
  #touch(elements: number): void {
    this.#host.assertOpen();
    for (let i = 0; i < elements; i++) this.#host.record(this);
    if (this.#isEdited) return;
    this.target.keep();
    this.#isEdited = true;
  }
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
