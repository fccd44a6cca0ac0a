/** A counter: concurrent additions and subtractions all count. */
import { createField, type Field } from "./field.ts";
import { host } from "./host.ts";

export interface ReadonlyCounter {
  value(): number;
}

export interface Counter extends ReadonlyCounter {
  /** Adds an integer, which may be negative. */
  add(by: number): void;
}

export type CounterField = Field<ReadonlyCounter, Counter>;

/** Declares a counter: `visits: counter()`. */
export function counter(): CounterField {
  return createField("counter", open);
}

function open(handle: number): Counter {
  return {
    value: () => host.counterValue(handle),
    add: (by) => host.counterAdd(handle, by),
  };
}
