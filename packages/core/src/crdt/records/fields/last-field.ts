/**
 * Last-writer register in a record:   cell   pair (stamp above 0) | value or absent
 *                                     join   value or absent
 * Refused: a reference. Children are fields of their own kind.
 */
import type { ActorId, Stamp } from "../../../base/index.ts";
import { join as joinLast, type LastWriterCell } from "../../cells/last-writer.ts";
import { type Content, isReference, readContent, writeContent } from "../../content.ts";
import type { Origin } from "../../origin.ts";
import type { Pair, PairReader, PairWriter } from "../pair-table.ts";
import type { JoinedField } from "./field-kind.ts";

/** The pair is an object that fields share which were written together. */
export class LastField implements LastWriterCell {
  readonly content: Content;
  readonly pair: Pair;

  constructor(content: Content, pair: Pair) {
    this.content = content;
    this.pair = pair;
  }

  get stamp(): Stamp {
    return this.pair.stamp;
  }

  get actor(): ActorId {
    return this.pair.actor;
  }
}

export type LastJoin = Content;

export function join(a: LastField, b: LastField): LastField {
  if (a.pair === b.pair && a.content === b.content) return a;
  return joinLast(a, b) === a ? a : b;
}

export function write(into: PairWriter, { pair, content }: LastField): void {
  writeLast(into, pair, content);
}

/** The same for a field whose pair lies apart. */
export function writeLast(into: PairWriter, pair: Pair, content: Content): void {
  into.pair(pair.stamp, pair.actor);
  writeContent(into.writer, content);
}

export function read(from: PairReader): LastField {
  const pair = from.pair();
  if (pair.stamp === 0) from.reader.fail();
  return new LastField(readJoin(from), pair);
}

export function writeJoin(into: PairWriter, content: LastJoin): void {
  writeContent(into.writer, content);
}

export function readJoin(from: PairReader): LastJoin {
  const content = readContent(from.reader, from.intern);
  if (isReference(content)) from.reader.fail();
  return content;
}

export function joinToCell(content: LastJoin, origin: Origin): JoinedField<LastField> {
  return { cell: new LastField(content, origin), void: 0 };
}

export function changeOf(_base: LastField | undefined, cell: LastField): LastJoin {
  return cell.content;
}
