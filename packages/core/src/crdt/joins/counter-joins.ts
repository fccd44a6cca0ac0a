/**
 * Joins of a counter:   added (varint) | subtracted (varint)
 *
 * The sums of the delta's own actor: there is no way to name another.
 */
import type { Reader, Writer } from "../../base/index.ts";
import { type CounterEntryCell, decode, encode } from "../cells/counter-entry.ts";

export type CounterJoins = CounterEntryCell;

export function write(writer: Writer, joins: CounterJoins): void {
  encode(writer, joins);
}

export function read(reader: Reader): CounterJoins {
  return decode(reader);
}
