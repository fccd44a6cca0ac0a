/**
 * Joins of frozen entries:   count (varint, above 0) | count times: value
 *
 * The key is computed by whoever applies: a value under a key that is not its hash cannot be written down.
 */
import type { Reader, Writer } from "../../base/index.ts";
import { JOINS_MAX } from "../limits.ts";
import { readStored, type Stored, writeStored } from "../stored.ts";

export type FrozenEntriesJoins = readonly Stored[];

export function write(writer: Writer, joins: FrozenEntriesJoins): void {
  writer.varint(joins.length);
  for (const content of joins) writeStored(writer, content);
}

export function read(reader: Reader, budget: { joins: number }): FrozenEntriesJoins {
  const count = reader.count(JOINS_MAX - budget.joins);
  if (count === 0) reader.fail();
  budget.joins += count;
  const contents: Stored[] = [];
  for (let i = 0; i < count && !reader.failed; i++) contents.push(readStored(reader));
  return contents;
}
