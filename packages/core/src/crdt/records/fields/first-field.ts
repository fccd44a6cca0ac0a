/**
 * First-writer register in a record:   cell   pair (stamp above 0) | value
 *                                      join   value
 */
import { type FirstWriterCell, join as joinFirst } from "../../cells/first-writer.ts";
import type { Origin } from "../../origin.ts";
import { readStored, type Stored, writeStored } from "../../stored.ts";
import type { PairReader, PairWriter } from "../pair-table.ts";
import { type JoinedField, UNCHANGED } from "./field-kind.ts";

export interface FirstField extends FirstWriterCell {
  readonly content: Stored;
}

export type FirstJoin = Stored;

export function join(a: FirstField, b: FirstField): FirstField {
  return joinFirst(a, b) === a ? a : b;
}

export function write(into: PairWriter, cell: FirstField): void {
  into.pair(cell.stamp, cell.actor);
  writeStored(into.writer, cell.content);
}

export function read(from: PairReader): FirstField {
  const { stamp, actor } = from.pair();
  if (stamp === 0) from.reader.fail();
  return { content: readJoin(from), stamp, actor };
}

export function writeJoin(into: PairWriter, content: FirstJoin): void {
  writeStored(into.writer, content);
}

export function readJoin(from: PairReader): FirstJoin {
  return readStored(from.reader);
}

export function joinToCell(content: FirstJoin, { stamp, actor }: Origin): JoinedField<FirstField> {
  return { cell: { content, stamp, actor }, void: 0 };
}

export function changeOf(base: FirstField | undefined, cell: FirstField): FirstJoin | typeof UNCHANGED {
  return base === cell ? UNCHANGED : cell.content;
}
