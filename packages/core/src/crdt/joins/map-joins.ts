/**
 * Joins of a map:   count (varint, above 0) | count times: key (string) | content
 */
import type { Reader, Writer } from "../../base/index.ts";
import { type Content, readContent, writeContent } from "../content.ts";
import { ENTRY_KEY_BYTES_MAX, JOINS_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";

/** Two columns of equal length. */
export interface MapJoins {
  readonly keys: readonly string[];
  readonly contents: readonly Content[];
}

const BYTES_PER_JOIN_MIN = 2;

export function write(writer: Writer, joins: MapJoins): void {
  writer.varint(joins.keys.length);
  for (let i = 0; i < joins.keys.length; i++) {
    writer.string(joins.keys[i] as string);
    writeContent(writer, joins.contents[i]);
  }
}

export function read(reader: Reader, intern: Intern, budget: { joins: number }): MapJoins {
  const count = reader.count(JOINS_MAX - budget.joins, BYTES_PER_JOIN_MIN);
  if (count === 0) reader.fail();
  budget.joins += count;
  const keys = new Array<string>(count);
  const contents = new Array<Content>(count);
  for (let i = 0; i < count && !reader.failed; i++) {
    keys[i] = reader.string(ENTRY_KEY_BYTES_MAX);
    contents[i] = readContent(reader, intern);
  }
  return { keys, contents };
}
