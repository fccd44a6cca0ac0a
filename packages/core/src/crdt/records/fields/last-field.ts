/**
 * Last-writer register in a record:   cell   pair (stamp above 0) | value or absent
 *                                     join   value or absent
 * Refused: a reference. Children are fields of their own kind.
 */
import { join as joinLast, type LastWriterCell } from "../../cells/last-writer.ts";
import { type Content, isReference, readContent, writeContent } from "../../content.ts";
import type { Origin } from "../../origin.ts";
import type { PairReader, PairWriter } from "../pair-table.ts";
import type { JoinedField } from "./field-kind.ts";

export type LastField = LastWriterCell;
export type LastJoin = Content;

export function join(a: LastField, b: LastField): LastField {
  return joinLast(a, b);
}

export function write(into: PairWriter, cell: LastField): void {
  into.pair(cell.stamp, cell.actor);
  writeContent(into.writer, cell.content);
}

export function read(from: PairReader): LastField {
  const { stamp, actor } = from.pair();
  if (stamp === 0) from.reader.fail();
  return { content: readJoin(from), stamp, actor };
}

export function writeJoin(into: PairWriter, content: LastJoin): void {
  writeContent(into.writer, content);
}

export function readJoin(from: PairReader): LastJoin {
  const content = readContent(from.reader, from.intern);
  if (isReference(content)) from.reader.fail();
  return content;
}

export function joinToCell(content: LastJoin, { stamp, actor }: Origin): JoinedField<LastField> {
  return { cell: { content, stamp, actor }, void: 0 };
}

export function changeOf(_base: LastField | undefined, cell: LastField): LastJoin {
  return cell.content;
}
