/** The one hash of the state: SHA-256. Everything in this folder takes it from here. */
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

export const HASH_BYTES = 32;

export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}
