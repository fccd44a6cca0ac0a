/**
 * Joins of a first-writer register:   value
 */
import type { Reader, Writer } from "../../base/index.ts";
import { readStored, type Stored, writeStored } from "../stored.ts";

export interface FirstRegisterJoins {
  readonly content: Stored;
}

export function write(writer: Writer, joins: FirstRegisterJoins): void {
  writeStored(writer, joins.content);
}

export function read(reader: Reader): FirstRegisterJoins {
  return { content: readStored(reader) };
}
