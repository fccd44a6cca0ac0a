/** The one hash of the state: SHA-256. Everything in this folder takes it from here. */
export { sha256 } from "../crypto/index.ts";

export const HASH_BYTES = 32;
