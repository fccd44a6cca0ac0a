/** A counter: concurrent additions and subtractions all count. */
import { createInlineField, type InlineField, type RecordPlace } from "./field.ts";
import { host } from "./host.ts";

export interface ReadonlyCounter {
  value(): number;
}

export interface Counter extends ReadonlyCounter {
  /** Adds an integer, which may be negative unless the counter only grows. */
  add(by: number): void;
}

export interface CounterOptions {
  /** Refuses to be lowered, by whomever. */
  readonly growOnly?: boolean;
}

export type CounterField = InlineField<number, ReadonlyCounter, Counter>;

/** Declares a counter: `visits: counter()`. */
export function counter({ growOnly = false }: CounterOptions = {}): CounterField {
  const type = growOnly ? "grow-counter" : "counter";
  const add = ({ records, id, name }: RecordPlace, by: number): void => {
    if (growOnly && by < 0) throw new RangeError(`the counter ${name} only grows`);
    host.recordAdd(records, id, name, by);
  };
  const openIn = (place: RecordPlace): Counter => ({
    value: () => (host.recordGet(place.records, place.id, type, place.name) ?? 0) as number,
    add: (by) => add(place, by),
  });
  return createInlineField(type, (value) => value as number, open, openIn);
}

function open(handle: number): Counter {
  return {
    value: () => host.counterValue(handle),
    add: (by) => host.counterAdd(handle, by),
  };
}
