/**
 * Joins of a register:   content
 *
 * Refused: a reference.
 */
import type { Reader, Writer } from "../../base/index.ts";
import { type Content, isReference, readContent, writeContent } from "../content.ts";
import type { Intern } from "../origin.ts";

export interface RegisterJoins {
  readonly content: Content;
}

export function write(writer: Writer, joins: RegisterJoins): void {
  writeContent(writer, joins.content);
}

export function read(reader: Reader, intern: Intern): RegisterJoins {
  const content = readContent(reader, intern);
  if (isReference(content)) reader.fail();
  return { content };
}
