/**
 * Joins of a multi-value register:   value, or absent | the values seen (`actor-table.ts`)
 *
 * The delta's own actor writes the value, if there is one, and overwrites what it has seen; its own last value needs no
 * mention. Refused: a reference, and a join that neither writes nor overwrites.
 */
import type { Reader, Writer } from "../../base/index.ts";
import type { Seen } from "../cells/by-actor.ts";
import { isReference, readContent, writeContent } from "../content.ts";
import type { Intern } from "../origin.ts";
import type { Stored } from "../stored.ts";
import { createActorTable, readSeen, writeSeen } from "./actor-table.ts";

export interface MultiRegisterJoins {
  readonly content: Stored | undefined;
  readonly seen: readonly Seen[];
}

export function write(writer: Writer, joins: MultiRegisterJoins): void {
  writeContent(writer, joins.content);
  writeSeen(writer, createActorTable(), joins.seen);
}

export function read(reader: Reader, intern: Intern, budget: { joins: number }): MultiRegisterJoins {
  const content = readContent(reader, intern);
  const seen = readSeen(reader, createActorTable(), intern, budget);
  if (!isReference(content) && (content !== undefined || seen.length > 0)) return { content, seen };
  reader.fail();
  return { content: undefined, seen };
}
