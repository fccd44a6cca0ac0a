/** What an editor of a document offers for the fields that are more than one value. */

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

export interface MultiValueEditor<T> {
  /** The concurrent values: more than one is a conflict. */
  readonly values: readonly T[];
  /** Replaces the values that are seen here. */
  set(value: T): void;
}
