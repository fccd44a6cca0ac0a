/** How the original host's storage names things: entities by ids, and the rows that hold them by hashes of those. */
import { concatBytes, utf8 } from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";

type Sha256 = Pick<Crypto, "sha256">;

const COLLECTION: Uint8Array = utf8("__calimero_collection__");
const ENTRY: Uint8Array = utf8("__calimero_entry__");

export function indexKey(crypto: Sha256, id: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(Uint8Array.of(0), id));
}

export function entryKey(crypto: Sha256, id: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(Uint8Array.of(1), id));
}

export function collectionId(crypto: Sha256, fieldName: string): Uint8Array {
  return crypto.sha256(concatBytes(COLLECTION, utf8(fieldName)));
}

export function entryId(crypto: Sha256, collection: Uint8Array, key: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(collection, ENTRY, key));
}
