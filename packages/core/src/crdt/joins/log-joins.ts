/** Joins of a log:   count (varint, above 0) | count times: bytes; their order numbers them. */
import type { Reader, Writer } from "../../base/index.ts";
import { JOINS_MAX, LOG_ENTRY_BYTES_MAX } from "../limits.ts";

export type LogJoins = readonly Uint8Array[];

export function write(writer: Writer, joins: LogJoins): void {
  writer.varint(joins.length);
  for (const bytes of joins) writer.bytes(bytes);
}

export function read(reader: Reader, budget: { joins: number }): LogJoins {
  const count = reader.count(JOINS_MAX - budget.joins);
  if (count === 0) reader.fail();
  budget.joins += count;
  const joins: Uint8Array[] = [];
  for (let i = 0; i < count && !reader.failed; i++) joins.push(reader.bytes(LOG_ENTRY_BYTES_MAX).slice());
  return joins;
}
