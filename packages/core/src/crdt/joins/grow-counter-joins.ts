/**
 * Joins of a counter that only grows:   added (varint, above 0)
 *
 * The sum of the delta's own actor: there is no way to name another, or to subtract.
 */
import type { Reader, Writer } from "../../base/index.ts";
import type { CounterEntryCell } from "../cells/counter-entry.ts";
import { decode, encode } from "../cells/grow-entry.ts";

export type GrowCounterJoins = CounterEntryCell;

export function write(writer: Writer, joins: GrowCounterJoins): void {
  encode(writer, joins);
}

export function read(reader: Reader): GrowCounterJoins {
  return decode(reader);
}
