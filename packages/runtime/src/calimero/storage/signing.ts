/**
 * What a member signs of an action on storage that it owns, and what a delta of the original node is named by.
 *
 * ```
 * upsert    SHA-256("v1_upsert" | id | data | each ancestor's id and hash | created u64 | updated u64 | storage type)
 * delete    SHA-256("v1_delete" | id | deleted at u64 | created u64 | updated u64 | storage type)
 * ```
 *
 * The storage type goes in with its signature as zeros.
 */
import { utf8 } from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import { type Action, type Metadata, type StorageType, writeStorageType } from "./action.ts";
import { BorshWriter } from "./borsh.ts";

const NO_SIGNATURE = new Uint8Array(64);

export function signedPayload(
  crypto: Pick<Crypto, "sha256">,
  action: Exclude<Action, { kind: "compare" }>,
): Uint8Array {
  const writer = new BorshWriter();
  if (action.kind === "delete") writer.fixed(utf8("v1_delete")).fixed(action.id).u64(action.deletedAt);
  else {
    writer.fixed(utf8("v1_upsert")).fixed(action.id).fixed(action.data);
    for (const { id, hash } of action.ancestors) writer.fixed(id).fixed(hash);
  }
  writeSigned(writer, action.metadata);
  return crypto.sha256(writer.toBytes());
}

function writeSigned(writer: BorshWriter, { createdAt, updatedAt, storage }: Metadata): void {
  writeStorageType(writer.u64(createdAt).u64(updatedAt), unsigned(storage));
}

/** With zeros for a signature, if it has one. */
export function unsigned(storage: StorageType): StorageType {
  if (storage.kind !== "user" || !storage.signed) return storage;
  return { ...storage, signed: { ...storage.signed, signature: NO_SIGNATURE } };
}
