/**
 * Branded ids: 32 bytes (actors 16), base58 in text, made only by the checked factories below. A brand exists in
 * types alone; the value is a plain `Uint8Array`. `idKey` gives the string that identifies an id in a Map.
 */
import { assert } from "./assert.ts";
import { base58ToBytes, bytesToBase58 } from "./base58.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = Uint8Array & { readonly [brand]: Name };

export type ContextId = Branded<"ContextId">;
export type ApplicationId = Branded<"ApplicationId">;
export type DeltaId = Branded<"DeltaId">;
/** An Ed25519 public key: a member's identity. */
export type PublicKey = Branded<"PublicKey">;
/** Who writes: the first 16 bytes of a hash over a member's key and a replica id. */
export type ActorId = Branded<"ActorId">;
/** Where a container's cells live: derived from its parent, key, type and generation. */
export type ContainerId = Branded<"ContainerId">;
/** A blob: the hash of its chunks' ids. */
export type BlobId = Branded<"BlobId">;
/** A chunk of a blob: the hash of its bytes. */
export type ChunkId = Branded<"ChunkId">;

export const ID_BYTES = 32;
export const ACTOR_BYTES = 16;
const BASE58_CHARS_MAX = 44;
/** Well below what an engine takes as arguments of one call. */
const CHARACTERS_AT_ONCE = 1024;

type Factory<T> = (bytes: Uint8Array) => T;

function factory<T extends Uint8Array>(name: string, length: number): Factory<T> {
  return (bytes) => {
    assert(bytes.length === length, () => `${name} has ${bytes.length} bytes, not ${length}`);
    return bytes as T;
  };
}

export const contextId: Factory<ContextId> = factory<ContextId>("ContextId", ID_BYTES);
export const applicationId: Factory<ApplicationId> = factory<ApplicationId>("ApplicationId", ID_BYTES);
export const deltaId: Factory<DeltaId> = factory<DeltaId>("DeltaId", ID_BYTES);
export const publicKey: Factory<PublicKey> = factory<PublicKey>("PublicKey", ID_BYTES);
export const actorId: Factory<ActorId> = factory<ActorId>("ActorId", ACTOR_BYTES);
export const containerId: Factory<ContainerId> = factory<ContainerId>("ContainerId", ID_BYTES);
export const blobId: Factory<BlobId> = factory<BlobId>("BlobId", ID_BYTES);
export const chunkId: Factory<ChunkId> = factory<ChunkId>("ChunkId", ID_BYTES);

export type Id = ContextId | ApplicationId | DeltaId | PublicKey | ActorId | ContainerId | BlobId | ChunkId;

/**
 * One character per byte: the cheapest string that is equal exactly when the ids are. Never shown to anybody. Made in one
 * call: appended to character by character it would be a chain of twenty pieces, for as long as a `Map` has it as a key.
 */
export function idKey(id: Uint8Array): string {
  if (id.length <= CHARACTERS_AT_ONCE) return charactersOf(id);
  let key = "";
  for (let at = 0; at < id.length; at += CHARACTERS_AT_ONCE) {
    key += charactersOf(id.subarray(at, at + CHARACTERS_AT_ONCE));
  }
  return key;
}

/** The bytes that `idKey` was made from. */
export function idKeyToBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

export function idToText(id: Uint8Array): string {
  return bytesToBase58(id);
}

/** The 32 bytes of a base58 id; undefined when the text is not one. */
export function textToId(text: string): Uint8Array | undefined {
  const bytes = base58ToBytes(text, BASE58_CHARS_MAX);
  return bytes?.length === ID_BYTES ? bytes : undefined;
}

function charactersOf(bytes: Uint8Array): string {
  // It takes what is like an array.
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}
