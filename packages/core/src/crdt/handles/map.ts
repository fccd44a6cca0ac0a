/**
 * Map: values and nested containers by key. A nested container is named by what its entry holds, so it comes into
 * being, is shared and is forgotten with its entry: created on two replicas at once it is one, created again after a
 * delete it is a new and empty one, and where two replicas put different types the later shows and the other is still
 * to be read as a conflict.
 */
import { assert, type ContainerId, utf8 } from "../../base/index.ts";
import { GENERATION_ZERO, nestedContainerId } from "../cell-key.ts";
import type { MapEntryCell } from "../cells/map-entry.ts";
import { CONTAINER_TYPES, type ContainerType } from "../container-type.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import type { LastWriterContainer } from "../containers/last-writer-container.ts";
import { type Content, isReference, type Reference } from "../content.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { ENTRY_KEY_BYTES_MAX } from "../limits.ts";
import { WriteRefused } from "../refusal.ts";
import { storedToValue, valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import { CellLog } from "./cell-log.ts";
import type { HandleHost, Views, WriterHost, Writers } from "./handles.ts";

/** Saves a hash for each visit: a reference in memory belongs to one entry, so it always means the same container. */
const idByReference = new WeakMap<Reference, ContainerId>();

/** What an entry holds. */
export type EntryKind = "absent" | "value" | ContainerType;

export class MapView<H extends Views> {
  readonly target: LastWriterContainer;
  readonly #handles: HandleHost<H>;

  constructor(handles: HandleHost<H>, target: LastWriterContainer) {
    this.#handles = handles;
    this.target = target;
  }

  /** The value at a key; undefined when there is none or a container is there. */
  get(key: string): Value | undefined {
    return contentToValue(this.target.contentOf(key));
  }

  kindOf(key: string): EntryKind {
    const content = this.target.contentOf(key);
    if (content === undefined) return "absent";
    return isReference(content) ? content.type : "value";
  }

  /** Whether a value or a container is there. */
  has(key: string): boolean {
    return this.target.contentOf(key) !== undefined;
  }

  get size(): number {
    return this.target.liveCount();
  }

  /** Keys of values and containers, ascending by UTF-16 code unit. */
  keys(): string[] {
    const keys: string[] = [];
    this.target.visitAll((cell, key) => {
      if (cell.content !== undefined) keys.push(key);
    });
    return keys.sort();
  }

  /** Keys and values, ascending; keys that hold a container are left out. */
  entries(): [string, Value][] {
    const entries: [string, Value][] = [];
    for (const key of this.keys()) {
      const value = this.get(key);
      if (value !== undefined) entries.push([key, value]);
    }
    return entries;
  }

  /** The container of this type that shows at a key; undefined when none does. */
  nested<T extends ContainerType>(type: T, key: string): H[T] | undefined {
    const content = this.target.contentOf(key);
    if (!isReference(content) || content.type !== type) return undefined;
    return this.#handles.resolve(type, this.nestedId(type, key, content));
  }

  /** The types of the hidden containers that others put at this key at the same time, and wrote in. */
  conflicts(key: string): ContainerType[] {
    const content = this.target.contentOf(key);
    if (!isReference(content)) return [];
    return CONTAINER_TYPES.filter(
      (type) => type !== content.type && !this.#handles.container(type, this.nestedId(type, key, content)).isEmpty(),
    );
  }

  /** A hidden container that `conflicts` names. */
  conflict<T extends ContainerType>(type: T, key: string): H[T] | undefined {
    const content = this.target.contentOf(key);
    if (!isReference(content) || content.type === type || !this.conflicts(key).includes(type)) return undefined;
    return this.#handles.resolve(type, this.nestedId(type, key, content));
  }

  protected nestedId(type: ContainerType, key: string, reference: Reference): ContainerId {
    const known = type === reference.type ? idByReference.get(reference) : undefined;
    if (known !== undefined) return known;
    const id = nestedContainerId(this.target.id, key, type, reference.generation);
    if (type === reference.type) idByReference.set(reference, id);
    return id;
  }
}

export class MapWriter extends MapView<Writers> implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<MapEntryCell>;
  /** Made with the first: most transactions create none. */
  #created: { readonly type: ContainerType; readonly id: ContainerId }[] | undefined;

  constructor(host: WriterHost, target: LastWriterContainer) {
    super(host, target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  override nested<T extends ContainerType>(type: T, key: string): Writers[T] | undefined {
    const shown = super.nested(type, key);
    if (shown !== undefined) this.#host.observer?.onNested(this, key, type, shown.target.id);
    return shown;
  }

  set(key: string, value: Value): void {
    checkKey(key);
    const stored = valueToStored(value);
    this.#write(key, stored, this.target.find(key));
  }

  /** Removes what is at a key, a container with all that is in it. Whether anything was there. */
  delete(key: string): boolean {
    const slot = this.target.find(key);
    if (slot === NO_SLOT || this.target.columns.contentAt(slot) === undefined) return false;
    this.#write(key, undefined, slot);
    return true;
  }

  /** The container of this type at a key, put there when something else or nothing is. */
  child<T extends ContainerType>(type: T, key: string): Writers[T] {
    const shown = this.nested(type, key);
    if (shown !== undefined) return shown;
    checkKey(key);
    const slot = this.target.find(key);
    if (slot !== NO_SLOT && this.#isOwn(slot)) this.#discard(key, slot);
    const previous = slot === NO_SLOT ? undefined : this.target.at(slot);
    const generation = previous === undefined ? GENERATION_ZERO : { stamp: previous.stamp, actor: previous.actor };
    const content = { type, generation };
    this.#write(key, content, slot);
    const id = this.nestedId(type, key, content);
    this.#created ??= [];
    this.#created.push({ type, id });
    this.#host.observer?.onNested(this, key, type, id);
    return this.#host.resolve(type, id);
  }

  joins(): ContainerJoins | undefined {
    const { slots } = this.#log;
    if (slots.length === 0) return undefined;
    const { target } = this;
    const keys = new Array<string>(slots.length);
    const contents = new Array<Content>(slots.length);
    for (let i = 0; i < slots.length; i++) {
      keys[i] = target.keyAt(slots[i] as number);
      contents[i] = target.columns.contentAt(slots[i] as number);
    }
    return { type: "map", name: this.target.fieldName ?? this.target.id, joins: { keys, contents } };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
    const created = this.#created;
    this.#created = undefined;
    for (const { type, id } of created ?? []) this.#host.discard(type, id);
  }

  #write(key: string, content: Content, found: number): void {
    this.#host.assertOpen();
    const { stamp, actor } = this.#host.origin;
    const { columns } = this.target;
    let slot = found;
    if (found !== NO_SLOT && this.#isOwn(found)) {
      this.#discard(key, found);
    } else {
      const isAbove = found === NO_SLOT || columns.stampAt(found) < stamp;
      assert(isAbove, "a transaction's stamp is above all that it can see");
      this.#host.observer?.onEntry(this, key, found === NO_SLOT ? undefined : this.target.at(found));
      this.#host.record(this);
      slot = this.#log.record(key, found);
    }
    columns.write(slot, content, stamp, actor);
  }

  /** Written by this transaction: its stamp is nobody else's. */
  #isOwn(slot: number): boolean {
    const { stamp, actor } = this.#host.origin;
    return this.target.columns.isOf(slot, stamp, actor);
  }

  /**
   * What this transaction put into a container that it now replaces goes with it. Otherwise a container that is
   * created, deleted and created again within one transaction would be there again with its contents, since all three
   * share a stamp.
   */
  #discard(key: string, slot: number): void {
    const content = this.target.columns.contentAt(slot);
    if (isReference(content)) this.#host.discard(content.type, this.nestedId(content.type, key, content));
  }
}

function contentToValue(content: Content): Value | undefined {
  return content === undefined || isReference(content) ? undefined : storedToValue(content);
}

function checkKey(key: string): void {
  if (typeof key !== "string" || !key.isWellFormed() || key === "__proto__") {
    throw new WriteRefused("KEY_INVALID", "a key is well-formed text, and not the one that reaches a prototype");
  }
  if (key.length * 3 <= ENTRY_KEY_BYTES_MAX || utf8(key).length <= ENTRY_KEY_BYTES_MAX) return;
  throw new WriteRefused("KEY_TOO_LONG", `a key has at most ${ENTRY_KEY_BYTES_MAX} bytes of UTF-8`);
}
