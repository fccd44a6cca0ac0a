/**
 * The state of a context as a running application sees it: the runtime's port over core's document. In a mutation the
 * containers are a transaction's writers, in a query the document's views; handles are positions in a list that lives
 * as long as the call.
 */
import { assert } from "@dunlin/core/base";
import type { ContainerType, Document, Transaction, Value, Views, Writers } from "@dunlin/core/crdt";
import type { HostHandle, HostState, HostValue } from "@dunlin/runtime";

export class ApplicationState implements HostState {
  readonly #root: Transaction | Document;
  readonly #isWritable: boolean;
  readonly #containers: { readonly type: ContainerType; readonly view: Views[ContainerType] }[] = [];

  constructor(root: Transaction | Document, isWritable: boolean) {
    this.#root = root;
    this.#isWritable = isWritable;
  }

  field(type: ContainerType, name: string): HostHandle {
    return this.#keep(type, this.#root.field(type, name));
  }

  child(map: HostHandle, key: string, type: ContainerType): HostHandle {
    return this.#keep(type, this.#writer("map", map).child(type, key));
  }

  peek(map: HostHandle, key: string, type: ContainerType): HostHandle | undefined {
    const nested = this.#view("map", map).nested(type, key);
    return nested && this.#keep(type, nested);
  }

  registerGet(register: HostHandle): HostValue | undefined {
    return this.#view("register", register).get();
  }

  registerSet(register: HostHandle, value: HostValue): void {
    this.#writer("register", register).set(value as Value);
  }

  mapGet(map: HostHandle, key: string): HostValue | undefined {
    return this.#view("map", map).get(key);
  }

  mapSet(map: HostHandle, key: string, value: HostValue): void {
    this.#writer("map", map).set(key, value as Value);
  }

  mapDelete(map: HostHandle, key: string): void {
    this.#writer("map", map).delete(key);
  }

  mapHas(map: HostHandle, key: string): boolean {
    return this.#view("map", map).has(key);
  }

  mapKeys(map: HostHandle): readonly string[] {
    return this.#view("map", map).keys();
  }

  mapSize(map: HostHandle): number {
    return this.#view("map", map).size;
  }

  counterAdd(counter: HostHandle, by: number): void {
    this.#writer("counter", counter).add(by);
  }

  counterValue(counter: HostHandle): number {
    return this.#view("counter", counter).value();
  }

  setAdd(set: HostHandle, value: HostValue): void {
    this.#writer("set", set).add(value as Value);
  }

  setRemove(set: HostHandle, value: HostValue): void {
    this.#writer("set", set).delete(value as Value);
  }

  setHas(set: HostHandle, value: HostValue): boolean {
    return this.#view("set", set).has(value as Value);
  }

  setValues(set: HostHandle): readonly HostValue[] {
    return this.#view("set", set).values();
  }

  setSize(set: HostHandle): number {
    return this.#view("set", set).size;
  }

  textInsert(text: HostHandle, at: number, inserted: string): void {
    this.#writer("text", text).insert(at, inserted);
  }

  textDelete(text: HostHandle, at: number, count: number): void {
    this.#writer("text", text).delete(at, count);
  }

  textLength(text: HostHandle): number {
    return this.#view("text", text).length;
  }

  textSlice(text: HostHandle, from: number, to: number): string {
    return this.#view("text", text).slice(from, to);
  }

  textToString(text: HostHandle): string {
    return this.#view("text", text).toString();
  }

  #keep(type: ContainerType, view: Views[ContainerType]): HostHandle {
    return this.#containers.push({ type, view }) - 1;
  }

  #view<T extends ContainerType>(type: T, handle: HostHandle): Views[T] {
    const container = this.#containers[handle];
    assert(container?.type === type, "the runtime passes handles of the type that it was given");
    return container.view as Views[T];
  }

  /** The runtime refuses writes from queries, so a writer is never asked for there. */
  #writer<T extends ContainerType>(type: T, handle: HostHandle): Writers[T] {
    assert(this.#isWritable, "a query never writes");
    return this.#view(type, handle) as Writers[T];
  }
}
