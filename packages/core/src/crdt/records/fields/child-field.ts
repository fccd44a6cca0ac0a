/**
 * Children of a record by one name: which types of container were put there. Their contents are cells of their own,
 * whose container id derives from collection, document, name, type and generation.
 *
 *   cell and join alike   bitmap of type tags (varint, above 0), bit n for tag n
 *
 * Refused: tags of no type.
 */
import { CONTAINER_TAGS, CONTAINER_TYPES, type ContainerType } from "../../container-type.ts";
import type { PairReader, PairWriter } from "../pair-table.ts";
import { type JoinedField, UNCHANGED } from "./field-kind.ts";

/** A set of container types, as a bitmap. */
export type ChildField = number;
export type ChildJoin = number;

const ALL_TYPES: ChildField = CONTAINER_TYPES.reduce((types, type) => join(types, bitOf(type)), 0);

export function join(a: ChildField, b: ChildField): ChildField {
  // Unsigned: tags go up to 31.
  return (a | b) >>> 0;
}

export function write(into: PairWriter, types: ChildField): void {
  into.writer.varint(types);
}

export function read(from: PairReader): ChildField {
  const types = from.reader.varint();
  if (types === 0 || types > ALL_TYPES || (types & ~ALL_TYPES) !== 0) from.reader.fail();
  return types;
}

export function writeJoin(into: PairWriter, types: ChildJoin): void {
  write(into, types);
}

export function readJoin(from: PairReader): ChildJoin {
  return read(from);
}

export function joinToCell(types: ChildJoin): JoinedField<ChildField> {
  return { cell: types, void: 0 };
}

export function changeOf(base: ChildField | undefined, types: ChildField): ChildJoin | typeof UNCHANGED {
  const added = (types & ~(base ?? 0)) >>> 0;
  return added === 0 ? UNCHANGED : added;
}

export function bitOf(type: ContainerType): ChildField {
  return (1 << CONTAINER_TAGS[type]) >>> 0;
}
