/**
 * The delta envelope: one signed, canonical blob per delta.
 *
 *   id        = SHA-256("dunlin/delta/2" ‖ context id ‖ head ‖ SHA-256(payload))     32 zero bytes for a genesis
 *   signature = Ed25519 by the member's key over the id           64 bytes, follows the body, not covered by the id
 *   head      = the body up to the payload, whose length is the last of it
 *
 *   body:
 *     u8        version, 2
 *     u8        flags: 1 first, 2 epoch, 4 cause, 8 application version, 16 extensions, 32 sealed; others refused
 *     actor     16 bytes; first: member's key 32 ‖ replica id 16, from which the actor follows
 *     varint    sequence, at least 2; absent when first (it is 1)
 *     7 bytes   stamp, little-endian
 *     u8 n      parents, n * 32 bytes, strictly ascending; n = 0 for a genesis only
 *     u8 k      prev is the k-th parent (from 1), or k = 0 and 32 bytes follow; absent when first
 *     [epoch]   32 bytes: the delta that started the epoch
 *     [cause]   32 bytes delta ‖ varint event ‖ string handler
 *     [version] varint: application version
 *     [extensions] varint n, then n times: varint tag, strictly ascending ‖ bytes
 *     u8        compression of the payload: 0 none; others refused until they exist
 *     bytes     payload
 *
 * Everything with meaning is inside; nothing travels beside it. A body has one encoding: shortest varints, sorted
 * parents, prev by index whenever it is a parent, known flags only. Refused: anything else, and anything over the
 * limits. `decodeDelta` therefore re-encodes to the same bytes, which its fuzz test asserts.
 *
 * The pruned form holds the payload's hash in place of the payload, so it proves its id by itself:
 *
 *   u8 version | 128 ‖ the head without its version ‖ SHA-256(payload) 32 ‖ signature 64
 *
 * Only what is sealed has one: from such a header alone it is known that the delta writes, and what it lays claim to.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  actorId,
  bytesEqual,
  compareBytes,
  type DeltaId,
  deltaId,
  ID_BYTES,
  type PublicKey,
  publicKey,
  Reader,
  STAMP_MAX,
  type Stamp,
  Writer,
} from "../base/index.ts";
import { DELTA_BYTES_MAX, DELTA_EXTENSION_BYTES_MAX, DELTA_HANDLER_BYTES_MAX, DELTA_PARENTS_MAX } from "./limits.ts";

export const DELTA_VERSION = 2;
/** First byte of the pruned form. */
export const PRUNED_VERSION = 130;
export const PAYLOAD_HASH_BYTES = 32;
export const REPLICA_ID_BYTES = 16;
export const SIGNATURE_BYTES = 64;
const STAMP_LOW = 0x1_0000_0000;

const FLAG_FIRST = 1;
const FLAG_EPOCH = 2;
const FLAG_CAUSE = 4;
const FLAG_APPLICATION_VERSION = 8;
const FLAG_EXTENSIONS = 16;
const FLAG_SEALED = 32;
const FLAGS_KNOWN = 63;

/** Who writes: an enrolled actor, or, in its first delta, the key and replica id that make it. */
export type Author =
  | { readonly first: false; readonly actor: ActorId; readonly sequence: number; readonly prev: DeltaId }
  | { readonly first: true; readonly member: PublicKey; readonly replica: Uint8Array };

export interface Cause {
  readonly delta: DeltaId;
  readonly event: number;
  readonly handler: string;
}

export interface Extension {
  readonly tag: number;
  readonly bytes: Uint8Array;
}

export interface DeltaHead {
  readonly author: Author;
  readonly stamp: Stamp;
  readonly parents: readonly DeltaId[];
  readonly epoch: DeltaId | undefined;
  readonly cause: Cause | undefined;
  readonly applicationVersion: number | undefined;
  readonly extensions: readonly Extension[];
  readonly sealed: boolean;
}

export interface DeltaBody extends DeltaHead {
  readonly payload: Uint8Array;
}

/** What is left of a body whose payload was dropped. */
export interface PrunedBody extends DeltaHead {
  /** With the version byte of the pruned form; the payload's length is the last of it. */
  readonly head: Uint8Array;
  readonly payloadLength: number;
  readonly payloadHash: Uint8Array;
}

/** Reused: a fresh writer costs more than a common body. One of common size is kept. */
const SCRATCH_BYTES_KEPT = 65_536;
let scratch = new Writer(4096);

export function encodeBody(body: DeltaBody): Uint8Array {
  const writer = scratch;
  writer.reset();
  writer.u8(DELTA_VERSION).u8(flagsOf(body));
  if (body.author.first) writer.raw(body.author.member).raw(body.author.replica);
  else writer.raw(body.author.actor).varint(body.author.sequence);
  writer.u32(body.stamp % STAMP_LOW);
  const high = Math.floor(body.stamp / STAMP_LOW);
  writer.u16(high & 0xffff).u8(high >>> 16);
  writer.u8(body.parents.length);
  for (const parent of body.parents) writer.raw(parent);
  if (!body.author.first) writePrev(writer, body.author.prev, body.parents);
  writeOptional(writer, body);
  const bytes = writer.u8(0).bytes(body.payload).toBytes();
  if (bytes.length > SCRATCH_BYTES_KEPT) scratch = new Writer(4096);
  return bytes;
}

/** The body, or undefined when the bytes are not the canonical encoding of one. Views into `bytes`, not copies. */
export function decodeBody(bytes: Uint8Array): DeltaBody | undefined {
  if (bytes.length > DELTA_BYTES_MAX) return undefined;
  const reader = new Reader(bytes);
  if (reader.u8() !== DELTA_VERSION) return undefined;
  const head = readHead(reader);
  const payload = reader.bytes(DELTA_BYTES_MAX);
  return head && reader.finish() ? { ...head, payload } : undefined;
}

/** The same of the pruned form, without its signature. */
export function decodePruned(bytes: Uint8Array): PrunedBody | undefined {
  if (bytes.length > DELTA_BYTES_MAX) return undefined;
  const reader = new Reader(bytes);
  if (reader.u8() !== PRUNED_VERSION) return undefined;
  const head = readHead(reader);
  const payloadLength = reader.varint();
  const payloadHash = reader.raw(PAYLOAD_HASH_BYTES);
  if (!head?.sealed || !reader.finish()) return undefined;
  const headBytes = bytes.subarray(0, bytes.length - PAYLOAD_HASH_BYTES);
  if (payloadLength > DELTA_BYTES_MAX - SIGNATURE_BYTES - headBytes.length) return undefined;
  return { ...head, head: headBytes, payloadLength, payloadHash };
}

function readHead(reader: Reader): DeltaHead | undefined {
  const flags = reader.u8();
  if (flags > FLAGS_KNOWN) return undefined;
  const first = (flags & FLAG_FIRST) !== 0;
  const member = first ? reader.raw(ID_BYTES) : undefined;
  const who = reader.raw(first ? REPLICA_ID_BYTES : ACTOR_BYTES);
  const sequence = first ? 1 : reader.varint();
  const stamp = reader.u32() + (reader.u16() + reader.u8() * 0x1_0000) * STAMP_LOW;
  const parents = readParents(reader);
  const prev = first ? undefined : readPrev(reader, parents);
  const optional = readOptional(reader, flags);
  if (reader.u8() !== 0) return undefined;
  const author: Author | undefined = member
    ? { first: true, member: reader.failed ? (member as PublicKey) : publicKey(member), replica: who }
    : prev && { first: false, actor: who as ActorId, sequence, prev };
  if (reader.failed || !author || stamp < 1 || stamp > STAMP_MAX || (!first && sequence < 2)) return undefined;
  if (!first) actorId(who);
  return { author, stamp: stamp as Stamp, parents, ...optional, sealed: (flags & FLAG_SEALED) !== 0 };
}

function flagsOf(body: DeltaBody): number {
  return (
    (body.author.first ? FLAG_FIRST : 0) |
    (body.epoch ? FLAG_EPOCH : 0) |
    (body.cause ? FLAG_CAUSE : 0) |
    (body.applicationVersion === undefined ? 0 : FLAG_APPLICATION_VERSION) |
    (body.extensions.length > 0 ? FLAG_EXTENSIONS : 0) |
    (body.sealed ? FLAG_SEALED : 0)
  );
}

function writePrev(writer: Writer, prev: DeltaId, parents: readonly DeltaId[]): void {
  const index = parents.findIndex((parent) => bytesEqual(parent, prev));
  writer.u8(index + 1);
  if (index < 0) writer.raw(prev);
}

function writeOptional(writer: Writer, body: DeltaBody): void {
  if (body.epoch) writer.raw(body.epoch);
  if (body.cause) writer.raw(body.cause.delta).varint(body.cause.event).string(body.cause.handler);
  if (body.applicationVersion !== undefined) writer.varint(body.applicationVersion);
  if (body.extensions.length === 0) return;
  writer.varint(body.extensions.length);
  for (const extension of body.extensions) writer.varint(extension.tag).bytes(extension.bytes);
}

function readParents(reader: Reader): DeltaId[] {
  const count = reader.u8();
  if (count > DELTA_PARENTS_MAX) reader.fail();
  const parents: DeltaId[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const parent = reader.raw(ID_BYTES);
    const before = parents[i - 1];
    if (before && compareBytes(before, parent) >= 0) reader.fail();
    if (!reader.failed) parents.push(deltaId(parent));
  }
  return parents;
}

function readPrev(reader: Reader, parents: readonly DeltaId[]): DeltaId | undefined {
  const index = reader.u8();
  if (index > 0) {
    const parent = parents[index - 1];
    if (!parent) reader.fail();
    return parent;
  }
  const prev = reader.raw(ID_BYTES);
  if (reader.failed) return undefined;
  if (parents.some((parent) => bytesEqual(parent, prev))) reader.fail();
  return deltaId(prev);
}

function readOptional(
  reader: Reader,
  flags: number,
): Pick<DeltaBody, "epoch" | "cause" | "applicationVersion" | "extensions"> {
  const epoch = (flags & FLAG_EPOCH) !== 0 ? (reader.raw(ID_BYTES) as DeltaId) : undefined;
  const cause =
    (flags & FLAG_CAUSE) !== 0
      ? {
          delta: reader.raw(ID_BYTES) as DeltaId,
          event: reader.varint(),
          handler: reader.string(DELTA_HANDLER_BYTES_MAX),
        }
      : undefined;
  const applicationVersion = (flags & FLAG_APPLICATION_VERSION) !== 0 ? reader.varint() : undefined;
  const extensions = (flags & FLAG_EXTENSIONS) !== 0 ? readExtensions(reader) : [];
  return { epoch, cause, applicationVersion, extensions };
}

function readExtensions(reader: Reader): Extension[] {
  const count = reader.count(DELTA_EXTENSION_BYTES_MAX, 2);
  if (count === 0) reader.fail();
  const extensions: Extension[] = [];
  let total = 0;
  for (let i = 0; i < count && !reader.failed; i++) {
    const tag = reader.varint();
    const bytes = reader.bytes(DELTA_EXTENSION_BYTES_MAX);
    total += bytes.length + 2;
    const before = extensions[i - 1];
    if (total > DELTA_EXTENSION_BYTES_MAX || (before && before.tag >= tag)) reader.fail();
    extensions.push({ tag, bytes });
  }
  return extensions;
}
