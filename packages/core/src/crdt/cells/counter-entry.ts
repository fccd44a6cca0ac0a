/**
 * Counter entry: what one actor has added and subtracted in all, each growing only; the larger of each wins. The
 * counter's value is the sum over actors. A PN-counter after Shapiro et al. (2011), one cell per actor.
 *
 *   added (varint) | subtracted (varint)
 *
 * Refused: sums above the cap, which would make the total inexact, and an entry of two zeros.
 */
import { ACTOR_BYTES, idKey, idKeyToBytes, type Reader, type Writer } from "../../base/index.ts";
import { COUNTER_SUM_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";

export interface CounterEntryCell {
  readonly added: number;
  readonly subtracted: number;
}

export const empty: CounterEntryCell = { added: 0, subtracted: 0 };

export function join(a: CounterEntryCell, b: CounterEntryCell): CounterEntryCell {
  if (a.added >= b.added && a.subtracted >= b.subtracted) return a;
  if (b.added >= a.added && b.subtracted >= a.subtracted) return b;
  return { added: Math.max(a.added, b.added), subtracted: Math.max(a.subtracted, b.subtracted) };
}

export function encode(writer: Writer, cell: CounterEntryCell): void {
  writer.varint(cell.added).varint(cell.subtracted);
}

export function decode(reader: Reader, _intern?: Intern): CounterEntryCell {
  const added = reader.varint();
  const subtracted = reader.varint();
  if (added > COUNTER_SUM_MAX || subtracted > COUNTER_SUM_MAX || added + subtracted === 0) reader.fail();
  return reader.failed ? empty : { added, subtracted };
}

export function isLive(_cell: CounterEntryCell): boolean {
  return true;
}

export function writeKey(writer: Writer, key: string): void {
  writer.raw(idKeyToBytes(key));
}

export function bytesToKey(bytes: Uint8Array): string | undefined {
  return bytes.length === ACTOR_BYTES ? idKey(bytes) : undefined;
}
