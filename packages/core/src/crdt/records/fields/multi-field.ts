/**
 * Multi-value register in a record:
 *
 *   cell   count (varint, above 0) | count times: pair (stamp above 0), ascending by actor | value, or absent
 *   join   count (varint) of the values seen and overwritten | count times: actor, stamp (varint, above 0)
 *          | value, or absent
 *
 * A join of neither a value nor a seen one is refused.
 */

import { compareActors, type Seen, seenBelow } from "../../cells/by-actor.ts";
import {
  createMultiValue,
  join as joinMulti,
  type MultiValueCell,
  type MultiValueEntry,
} from "../../cells/multi-value.ts";
import { isReference, readContent, writeContent } from "../../content.ts";
import { JOINS_MAX, SET_ACTORS_MAX } from "../../limits.ts";
import type { Origin } from "../../origin.ts";
import type { Stored } from "../../stored.ts";
import type { PairReader, PairWriter } from "../pair-table.ts";
import { type JoinBudget, type JoinedField, UNCHANGED } from "./field-kind.ts";
import { readSeen, writeSeen } from "./seen.ts";

export type MultiField = MultiValueCell;

export interface MultiJoin {
  readonly seen: readonly Seen[];
  readonly content: Stored | undefined;
}

const BYTES_PER_ENTRY_MIN = 2;

export function join(a: MultiField, b: MultiField): MultiField {
  return joinMulti(a, b);
}

export function write(into: PairWriter, cell: MultiField): void {
  into.writer.varint(cell.length);
  for (const { actor, stamp, content } of cell) {
    into.pair(stamp, actor);
    writeContent(into.writer, content);
  }
}

export function read(from: PairReader): MultiField {
  const { reader } = from;
  const count = reader.count(SET_ACTORS_MAX, BYTES_PER_ENTRY_MIN);
  const cell: MultiValueEntry[] = [];
  if (count === 0) reader.fail();
  for (let i = 0; i < count && !reader.failed; i++) {
    const { stamp, actor } = from.pair();
    const previous = cell.at(-1);
    if (stamp === 0 || (previous !== undefined && compareActors(previous.actor, actor) >= 0)) reader.fail();
    cell.push({ actor, stamp, content: readValue(from) });
  }
  return cell;
}

export function writeJoin(into: PairWriter, { seen, content }: MultiJoin): void {
  writeSeen(into, seen);
  writeContent(into.writer, content);
}

export function readJoin(from: PairReader, budget: JoinBudget): MultiJoin {
  const seen = readSeen(from, Math.min(SET_ACTORS_MAX, JOINS_MAX - budget.joins));
  budget.joins += seen.length;
  const content = readValue(from);
  if (seen.length === 0 && content === undefined) from.reader.fail();
  return { seen, content };
}

export function joinToCell({ seen, content }: MultiJoin, origin: Origin): JoinedField<MultiField> {
  const valid = seenBelow(seen, origin);
  const cell = createMultiValue(origin, content, valid);
  return { cell: cell.length === 0 ? undefined : cell, void: seen.length - valid.length };
}

export function changeOf(
  base: MultiField | undefined,
  cell: MultiField,
  { stamp, actor }: Origin,
): MultiJoin | typeof UNCHANGED {
  if (base === cell) return UNCHANGED;
  const known = new Set(base);
  const changed = cell.filter((entry) => !known.has(entry));
  const own = changed.find((entry) => entry.stamp === stamp && entry.actor === actor && entry.content !== undefined);
  // The own value says by itself that it comes after the own value before.
  const seen = changed
    .filter((entry) => entry !== own)
    .map((entry): Seen => ({ actor: entry.actor, stamp: entry.stamp }));
  return own === undefined && seen.length === 0 ? UNCHANGED : { seen, content: own?.content };
}

function readValue(from: PairReader): Stored | undefined {
  const content = readContent(from.reader, from.intern);
  if (!isReference(content)) return content;
  from.reader.fail();
  return undefined;
}
