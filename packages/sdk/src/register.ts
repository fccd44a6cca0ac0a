/** A register: one value; of two concurrent ones the later stays. */
import { createField, type Field } from "./field.ts";
import { host } from "./host.ts";
import { formOf, rawOf, type Value } from "./value.ts";

export interface ReadonlyRegister<V extends Value> {
  /** Undefined before the first `set`. */
  get(): V | undefined;
}

export interface Register<V extends Value> extends ReadonlyRegister<V> {
  set(value: V): void;
}

export interface RegisterField<V extends Value> extends Field<ReadonlyRegister<V>, Register<V>> {
  readonly type: "register";
}

/** Declares a register: `title: register<string>()`. */
export function register<V extends Value>(): RegisterField<V> {
  return createField("register", open<V>) as RegisterField<V>;
}

function open<V extends Value>(handle: number): Register<V> {
  return {
    get: () => host.registerGet(handle) as V | undefined,
    set: (value) => host.registerSet(handle, rawOf(value), formOf(value)),
  };
}
