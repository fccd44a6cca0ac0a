/**
 * A field: how a part of the state is declared. `Read` is its handle in a query, `Write` in a mutation; both are the
 * same object, since the sandbox itself refuses a write from a query.
 */
import type { Check } from "./check.ts";
import type { ContainerType } from "./host.ts";
import type { LocalField } from "./local.ts";
import type { Presence, PresenceField, ReadonlyPresence } from "./presence.ts";
import type { Value } from "./value.ts";

declare const read: unique symbol;
declare const write: unique symbol;

export interface Field<Read, Write extends Read> {
  readonly type: ContainerType;
  /** Whether what it holds refers to blobs. */
  readonly holdsBlobs?: boolean;
  /** The handle object over a container that the host knows by `handle`. */
  open(handle: number): Write;
  readonly [read]?: Read;
  readonly [write]?: Write;
}

/** A field whose container holds values, which are checked before they are written. */
export interface ValueField<V extends Value, Read, Write extends Read> extends Field<Read, Write> {
  readonly check: Check<V>;
}

/** A field of a document in `records`, by the document's place. */
export interface RecordPlace {
  readonly records: number;
  readonly id: string;
  readonly name: string;
}

/** A field that in a document lies in the document itself: it needs no container of its own there. */
export interface InlineField<V extends Value, Read, Write extends Read> extends ValueField<V, Read, Write> {
  openIn(place: RecordPlace): Write;
}

export type ReadOf<F> =
  F extends PresenceField<infer V>
    ? ReadonlyPresence<V>
    : FieldOf<F> extends Field<infer Read, infer _Write>
      ? Read
      : never;
export type WriteOf<F> =
  F extends PresenceField<infer V> ? Presence<V> : FieldOf<F> extends Field<infer _Read, infer Write> ? Write : never;
type FieldOf<F> = F extends LocalField<infer Read, infer Write> ? Field<Read, Write> : F;

/** `inner`: the fields of what it holds. */
export function createField<Read, Write extends Read>(
  type: ContainerType,
  open: (handle: number) => Write,
  inner: readonly Field<unknown, unknown>[] = [],
): Field<Read, Write> {
  return inner.some(({ holdsBlobs }) => holdsBlobs) ? { type, open, holdsBlobs: true } : { type, open };
}

export function createValueField<V extends Value, Read, Write extends Read>(
  type: ContainerType,
  check: Check<V>,
  open: (handle: number, check: Check<V>) => Write,
): ValueField<V, Read, Write> {
  return { type, check, open: (handle) => open(handle, check) };
}

export function createInlineField<V extends Value, Read, Write extends Read>(
  type: ContainerType,
  check: Check<V>,
  open: (handle: number, check: Check<V>) => Write,
  openIn: (place: RecordPlace, check: Check<V>) => Write,
): InlineField<V, Read, Write> {
  return { ...createValueField<V, Read, Write>(type, check, open), openIn: (place) => openIn(place, check) };
}
