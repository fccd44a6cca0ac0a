/**
 * Joins of a remove-wins set:   count (varint, above 0) | count times: element (value) | added (0 or 1) | when added,
 *                               the removals seen (`actor-table.ts`)
 *
 * The delta's own actor removes the element, or adds it and undoes the removals that it has seen. Whether a removal is
 * above the delta's own stamp, and so void, only the applier can tell.
 */
import type { Reader, Writer } from "../../base/index.ts";
import type { Seen } from "../cells/by-actor.ts";
import { ENTRY_KEY_BYTES_MAX, JOINS_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import { readStored, type Stored, writeStored } from "../stored.ts";
import { createActorTable, readSeen, writeSeen } from "./actor-table.ts";

export interface RemoveWinsJoin {
  readonly element: Stored;
  /** Undefined for a removal. */
  readonly undone: readonly Seen[] | undefined;
}

export type RemoveWinsJoins = readonly RemoveWinsJoin[];

const BYTES_PER_JOIN_MIN = 2;

export function write(writer: Writer, joins: RemoveWinsJoins): void {
  const table = createActorTable();
  writer.varint(joins.length);
  for (const { element, undone } of joins) {
    writeStored(writer, element);
    writer.u8(undone === undefined ? 0 : 1);
    if (undone !== undefined) writeSeen(writer, table, undone);
  }
}

export function read(reader: Reader, intern: Intern, budget: { joins: number }): RemoveWinsJoins {
  const count = reader.count(JOINS_MAX - budget.joins, BYTES_PER_JOIN_MIN);
  if (count === 0) reader.fail();
  budget.joins += count;
  const table = createActorTable();
  const joins: RemoveWinsJoin[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const start = reader.at;
    const element = readStored(reader);
    if (reader.at - start > ENTRY_KEY_BYTES_MAX) reader.fail();
    const flag = reader.u8();
    if (flag > 1) reader.fail();
    joins.push({ element, undone: flag === 1 ? readSeen(reader, table, intern, budget) : undefined });
  }
  return joins;
}
