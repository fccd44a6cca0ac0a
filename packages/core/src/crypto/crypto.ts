/**
 * The cryptography that the rest of the core uses, as one interface with two implementations: Node's own and noble
 * (browsers). Invariant: both give the same bytes and the same verdicts for every input, or two members of one network
 * would disagree for ever about what is valid. `ed25519-rules.ts` says which signatures are valid.
 *
 * Deterministic throughout: no function here draws randomness, so seeds and keys come from the `Random` port.
 */
import type { PublicKey, Signer } from "../base/index.ts";

export const SHA256_BYTES = 32;
export const SEED_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const AEAD_KEY_BYTES = 32;
export const AEAD_NONCE_BYTES = 12;
export const AEAD_TAG_BYTES = 16;

export interface Crypto {
  readonly name: "node" | "noble";
  sha256(bytes: Uint8Array): Uint8Array;
  createSha256(): Sha256;
  /** The Ed25519 key pair of a 32-byte seed, which is its secret key. */
  generateKey(seed: Uint8Array): KeyPair;
  /** Signs once. Whoever signs often keeps a signer, which imports its key only once. */
  sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array;
  createSigner(secretKey: Uint8Array): Signer;
  /** Never throws: a key or signature of the wrong length or form is just not valid. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** AES-256-GCM: ciphertext and 16-byte tag. A nonce used twice under one key is fatal: see `createAead`. */
  aesGcmSeal(key: Uint8Array, nonce: Uint8Array, header: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or undefined when key, nonce, header or bytes are not those that were sealed. */
  aesGcmOpen(key: Uint8Array, nonce: Uint8Array, header: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

/** A hash over bytes that arrive in parts. Used once: nothing may follow `digest`. */
export interface Sha256 {
  update(bytes: Uint8Array): this;
  digest(): Uint8Array;
}

export interface KeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: PublicKey;
}
