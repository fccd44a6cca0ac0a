/**
 * Where cells live. A cell key is
 *
 *   container id (32) | type tag (1) | entry key
 *
 * with the entry key of a register empty, of a map entry its UTF-8 key, of a counter entry the actor (16), of a set
 * element its canonical bytes, of a text block the actor (16) and the block number (u32, big-endian). A container's
 * cells are thus neighbours in the store, and cells of two types never share a key.
 *
 * A container's id is derived, never drawn: SHA-256 over
 *
 *   "dunlin/container/1" | parent id (32) | type tag (1) | length, key | generation stamp (varint) | generation actor (16)
 *
 * where a root container has a parent of zeros, its field name as key and a zero generation. Two replicas that create
 * the same thing concurrently therefore create one thing; after a delete the generation differs, and so does the id.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  type ContainerId,
  containerId,
  ID_BYTES,
  must,
  prefixEnd,
  type RangeOptions,
  STAMP_ZERO,
  type Stamp,
  utf8,
  Writer,
} from "../base/index.ts";
import { CONTAINER_TAGS, type ContainerType } from "./container-type.ts";
import { sha256 } from "./hash.ts";
import { ZERO_ACTOR } from "./origin.ts";

/** Stamp and actor of what an entry held before it held a container; zeros when it held nothing. */
export interface Generation {
  readonly stamp: Stamp;
  readonly actor: ActorId;
}

export const GENERATION_ZERO: Generation = { stamp: STAMP_ZERO, actor: ZERO_ACTOR };
export const CELL_PREFIX_BYTES: number = ID_BYTES + 1;
export const TEXT_BLOCK_KEY_BYTES: number = ACTOR_BYTES + 4;

/** Every cell of a context: an id of 32 times 255 is as improbable as a collision of SHA-256. */
export const ALL_CELLS: RangeOptions = {
  gte: new Uint8Array(0),
  lt: new Uint8Array(CELL_PREFIX_BYTES).fill(255),
};

const ROOT_PARENT: ContainerId = containerId(new Uint8Array(ID_BYTES));
const DOMAIN = utf8("dunlin/container/1");
/** Reused: a prefix is kept as long as its container, and many are in memory together. */
const prefixWriter = new Writer();

export function fieldContainerId(type: ContainerType, name: string): ContainerId {
  return nestedContainerId(ROOT_PARENT, name, type, GENERATION_ZERO);
}

export function nestedContainerId(
  parent: ContainerId,
  key: string,
  type: ContainerType,
  generation: Generation,
): ContainerId {
  const writer = new Writer(160).raw(DOMAIN).raw(parent).u8(CONTAINER_TAGS[type]).string(key);
  return containerId(sha256(writer.varint(generation.stamp).raw(generation.actor).view()));
}

/** The first bytes of the keys of all cells of a container. */
export function cellPrefix(type: ContainerType, id: ContainerId): Uint8Array {
  prefixWriter.reset();
  return prefixWriter.raw(id).u8(CONTAINER_TAGS[type]).toPacked();
}

export function prefixRange(prefix: Uint8Array): RangeOptions {
  return { gte: prefix, lt: must(prefixEnd(prefix), "a cell prefix ends with a type tag, which is below 255") };
}

export function textBlockKey(actor: Uint8Array, block: number): Uint8Array {
  const key = new Uint8Array(TEXT_BLOCK_KEY_BYTES);
  key.set(actor);
  new DataView(key.buffer).setUint32(ACTOR_BYTES, block);
  return key;
}

/** Actor and block number of an entry key; undefined when its length is not that of one. */
export function parseTextBlockKey(key: Uint8Array): { actor: Uint8Array; block: number } | undefined {
  if (key.length !== TEXT_BLOCK_KEY_BYTES) return undefined;
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return { actor: key.slice(0, ACTOR_BYTES), block: view.getUint32(ACTOR_BYTES) };
}
