/**
 * Joins of the marks of a text:   count (varint, above 0) | count times: a mark, as its cell; the order numbers them
 */
import type { Reader, Writer } from "../../base/index.ts";
import { decode, encode, type MarkCell } from "../cells/mark.ts";
import { JOINS_MAX } from "../limits.ts";

export type MarksJoins = readonly MarkCell[];

const BYTES_PER_MARK_MIN = 5;

export function write(writer: Writer, joins: MarksJoins): void {
  writer.varint(joins.length);
  for (const mark of joins) encode(writer, mark);
}

export function read(reader: Reader, budget: { joins: number }): MarksJoins {
  const count = reader.count(JOINS_MAX - budget.joins, BYTES_PER_MARK_MIN);
  if (count === 0) reader.fail();
  budget.joins += count;
  const joins: MarkCell[] = [];
  for (let i = 0; i < count && !reader.failed; i++) joins.push(decode(reader));
  return joins;
}
