/**
 * Joins of a text:   length (varint) | bytes, whose layout is the text's own
 */
import type { Reader, Writer } from "../../base/index.ts";
import { JOINS_BYTES_MAX } from "../limits.ts";
import { checkTextJoin } from "../text/text-state.ts";

export type TextJoins = Uint8Array;

export function write(writer: Writer, joins: TextJoins): void {
  writer.bytes(joins);
}

export function read(reader: Reader): TextJoins {
  const joins = reader.bytes(JOINS_BYTES_MAX).slice();
  if (!checkTextJoin(joins)) reader.fail();
  return joins;
}
