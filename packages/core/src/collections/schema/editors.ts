/** What an editor of a document offers for the fields that are more than one value. */
import type { Views, Writers } from "../../crdt/index.ts";

export interface CounterEditor {
  /** The sum, with what was added here. */
  readonly value: number;
  /** Adds a safe integer, 1 when left out. */
  increment(by?: number): void;
  decrement(by?: number): void;
}

export interface ElementsEditor<T> {
  /** The elements, in an order that is the same everywhere. */
  readonly values: readonly T[];
  has(element: T): boolean;
  add(element: T): void;
  /** Whether it was in. */
  remove(element: T): boolean;
}

/** A list whose values are checked as they are written. */
export interface ListEditor<I, O = I> extends Iterable<O> {
  readonly length: number;
  /** The value at an index; undefined outside the list. */
  get(index: number): O | undefined;
  toArray(): O[];
  /** Inserts values before an index. */
  insert(index: number, ...values: readonly I[]): void;
  push(...values: readonly I[]): void;
  set(index: number, value: I): void;
  delete(index: number, count?: number): void;
  /** Moves the element at `from` so that it is at `to` afterwards. */
  move(from: number, to: number): void;
  /** The list itself: ids of elements, positions that survive edits, containers. What it writes is not checked. */
  readonly writer: Writers["list"];
}

/** A list as it is read. */
export interface ListReading<O> extends Omit<Views["list"], "get" | "slice" | "toArray" | typeof Symbol.iterator> {
  get(index: number): O | undefined;
  slice(from: number, to: number): O[];
  toArray(): O[];
  [Symbol.iterator](): Iterator<O>;
}

export interface MultiValueEditor<T> {
  /** The concurrent values: more than one is a conflict. */
  readonly values: readonly T[];
  /** Replaces the values that are seen here. */
  set(value: T): void;
}
