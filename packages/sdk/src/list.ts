/**
 * A list of values (`list(register<V>())`) or of containers (`list(text())`), in an order that several people change at
 * once. An element keeps its id wherever it moves, and a container moves and goes with its element.
 */
import type { Check } from "./check.ts";
import { createField, type Field } from "./field.ts";
import { CONTAINER_CODE, host } from "./host.ts";
import type { RegisterField } from "./register.ts";
import type { Anchor, AnchorSide } from "./text.ts";
import { encodeStrict, formOf, rawOf, type Value } from "./value.ts";

interface Ordered {
  length(): number;
  /** The id of the element at an index, which outlives moves and sets; undefined outside the list. */
  idAt(index: number): string | undefined;
  /** Where an element is; undefined when it is deleted or not known here. */
  indexOfId(id: string): number | undefined;
  /** The place before an index. */
  anchor(index: number, side?: AnchorSide): Anchor;
  /** Where an anchor is now; undefined when what it names is not known here. */
  indexOf(anchor: Anchor): number | undefined;
}

interface Reorderable {
  delete(index: number, count?: number): void;
  /** Moves the element at `from` so that it is at `to` afterwards. */
  move(from: number, to: number): void;
}

export interface ReadonlyValueList<V extends Value> extends Ordered {
  get(index: number): V | undefined;
  /** The values from `from` up to `to`, both clamped to the list. */
  slice(from: number, to?: number): V[];
  values(): V[];
}

export interface ValueList<V extends Value> extends ReadonlyValueList<V>, Reorderable {
  /** Inserts values before an index. */
  insert(index: number, ...values: readonly V[]): void;
  push(...values: readonly V[]): void;
  set(index: number, value: V): void;
}

export interface ReadonlyContainerList<C> extends Ordered {
  get(index: number): C | undefined;
  values(): C[];
}

export interface ContainerList<Read, Write extends Read> extends ReadonlyContainerList<Read>, Reorderable {
  get(index: number): Write | undefined;
  values(): Write[];
  /** A new container before an index. */
  insert(index: number): Write;
  push(): Write;
}

/** Declares a list of values: `queue: list(register<string>())`. */
export function list<V extends Value>(inner: RegisterField<V>): Field<ReadonlyValueList<V>, ValueList<V>>;
/** Declares a list of containers: `pages: list(text())`. */
export function list<Read, Write extends Read>(
  inner: Field<Read, Write>,
): Field<ReadonlyContainerList<Read>, ContainerList<Read, Write>>;
export function list(inner: Field<unknown, unknown>): Field<Ordered, Ordered> {
  return createField<Ordered, Ordered>(
    "list",
    (handle) =>
      inner.type === "register"
        ? openValues(handle, (inner as RegisterField<Value>).check)
        : openContainers(handle, inner),
    [inner],
  );
}

function ordered(handle: number): Ordered & Reorderable {
  return {
    length: () => host.listLength(handle),
    idAt: (index) => host.listIdAt(handle, index),
    indexOfId: (id) => host.listIndexOfId(handle, id),
    anchor: (index, side = "before") => host.listAnchor(handle, index, side),
    indexOf: (anchor) => host.listIndexOf(handle, anchor),
    delete: (index, count = 1) => host.listDelete(handle, index, count),
    move: (from, to) => host.listMove(handle, from, to),
  };
}

function openValues(handle: number, check: Check<Value>): ValueList<Value> {
  const slice = (from: number, to?: number): Value[] =>
    host.listSlice(handle, from, to ?? host.listLength(handle)) as Value[];
  const insert = (index: number, ...values: readonly Value[]): void =>
    host.listInsert(handle, index, encodeStrict(values.map(check)));
  return {
    ...ordered(handle),
    get: (index) => host.listGet(handle, index) as Value | undefined,
    slice,
    values: () => slice(0),
    insert,
    push: (...values) => insert(host.listLength(handle), ...values),
    set: (index, value) => {
      const checked = check(value);
      host.listSet(handle, index, rawOf(checked), formOf(checked));
    },
  };
}

function openContainers(handle: number, inner: Field<unknown, unknown>): ContainerList<unknown, unknown> {
  const code = CONTAINER_CODE[inner.type];
  const get = (index: number): unknown => {
    const child = host.listPeek(handle, index, code);
    return child === 0 ? undefined : inner.open(child);
  };
  const insert = (index: number): unknown => inner.open(host.listInsertChild(handle, index, code));
  return {
    ...ordered(handle),
    get,
    values: () => Array.from({ length: host.listLength(handle) }, (_, index) => get(index)),
    insert,
    push: () => insert(host.listLength(handle)),
  };
}
