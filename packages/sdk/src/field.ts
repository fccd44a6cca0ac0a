/**
 * A field: how a part of the state is declared. `Read` is its handle in a query, `Write` in a mutation; both are the
 * same object, since the sandbox itself refuses a write from a query.
 */
import type { ContainerType } from "./host.ts";

declare const read: unique symbol;
declare const write: unique symbol;

export interface Field<Read, Write extends Read> {
  readonly type: ContainerType;
  /** The handle object over a container that the host knows by `handle`. */
  open(handle: number): Write;
  readonly [read]?: Read;
  readonly [write]?: Write;
}

export type ReadOf<F> = F extends Field<infer Read, infer _Write> ? Read : never;
export type WriteOf<F> = F extends Field<infer _Read, infer Write> ? Write : never;

export function createField<Read, Write extends Read>(
  type: ContainerType,
  open: (handle: number) => Write,
): Field<Read, Write> {
  return { type, open };
}
