/**
 * What a register or a map entry holds: nothing (absent), a value, or a reference to a nested container.
 *
 *   value       the encoding of the value, whose tags lie below 0x20
 *   absent      0x20
 *   reference   0x21 | type tag (1) | generation stamp (varint) | generation actor (16, unless the stamp is 0)
 */
import { ACTOR_BYTES, compareBytes, type Reader, STAMP_MAX, type Stamp, Writer } from "../base/index.ts";
import { GENERATION_ZERO, type Generation } from "./cell-key.ts";
import { CONTAINER_TAGS, type ContainerType, tagToContainerType } from "./container-type.ts";
import type { Intern } from "./origin.ts";
import { readStored, type Stored, writeStored } from "./stored.ts";

export interface Reference {
  readonly type: ContainerType;
  readonly generation: Generation;
}

/** Undefined is absent. */
export type Content = Stored | Reference | undefined;

const ABSENT_TAG = 0x20;
const REFERENCE_TAG = 0x21;

export function isReference(content: Content): content is Reference {
  return typeof content === "object" && content !== null && !(content instanceof Uint8Array);
}

/** Total, by canonical bytes: decides between two contents that one actor wrote under one stamp. */
export function compareContents(a: Content, b: Content): number {
  if (a === b) return 0;
  return compareBytes(contentToBytes(a), contentToBytes(b));
}

export function writeContent(writer: Writer, content: Content): void {
  if (content === undefined) writer.u8(ABSENT_TAG);
  else if (isReference(content)) writeReference(writer, content);
  else writeStored(writer, content);
}

export function readContent(reader: Reader, intern: Intern): Content {
  switch (reader.peek()) {
    case ABSENT_TAG:
      reader.u8();
      return undefined;
    case REFERENCE_TAG:
      reader.u8();
      return readReference(reader, intern);
    default:
      return readStored(reader);
  }
}

function contentToBytes(content: Content): Uint8Array {
  const writer = new Writer();
  writeContent(writer, content);
  return writer.toBytes();
}

function writeReference(writer: Writer, reference: Reference): void {
  const { stamp, actor } = reference.generation;
  writer.u8(REFERENCE_TAG).u8(CONTAINER_TAGS[reference.type]).varint(stamp);
  if (stamp > 0) writer.raw(actor);
}

function readReference(reader: Reader, intern: Intern): Content {
  const type = tagToContainerType(reader.u8());
  const stamp = reader.varint();
  if (type === undefined || stamp > STAMP_MAX) {
    reader.fail();
    return undefined;
  }
  if (stamp === 0) return { type, generation: GENERATION_ZERO };
  const actor = reader.raw(ACTOR_BYTES);
  if (reader.failed) return undefined;
  return { type, generation: { stamp: stamp as Stamp, actor: intern(actor) } };
}
