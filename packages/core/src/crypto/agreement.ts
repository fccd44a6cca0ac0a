/**
 * X25519 key agreement (RFC 7748), by noble everywhere: it is made once per connection, so speed does not matter and one
 * implementation cannot disagree with itself.
 *
 * Refused: a public key of the wrong length or of low order, with which the secret would be known to anybody.
 */
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { assert } from "../base/index.ts";
import { SEED_BYTES } from "./crypto.ts";

export const AGREEMENT_KEY_BYTES = 32;

/** The public key of a 32-byte secret, which may be any bytes. */
export function agreementPublicKey(secretKey: Uint8Array): Uint8Array {
  assert(secretKey.length === SEED_BYTES, () => `a secret key has ${SEED_BYTES} bytes, not ${secretKey.length}`);
  return x25519.getPublicKey(secretKey);
}

/** What both sides compute and nobody else; undefined when the other's key is refused. Never a key by itself: derive. */
export function agree(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  if (publicKey.length !== AGREEMENT_KEY_BYTES) return undefined;
  try {
    return x25519.getSharedSecret(secretKey, publicKey);
  } catch {
    return undefined;
  }
}

/**
 * The same between two identities, by their Ed25519 keys as points of Curve25519's other form (RFC 7748, section 4.1),
 * as libsodium does it. The secret key is an identity's seed.
 */
export function agreeAsIdentity(seed: Uint8Array, other: Uint8Array): Uint8Array | undefined {
  assert(seed.length === SEED_BYTES, () => `a secret key has ${SEED_BYTES} bytes, not ${seed.length}`);
  try {
    return x25519.getSharedSecret(ed25519.utils.toMontgomerySecret(seed), ed25519.utils.toMontgomery(other));
  } catch {
    return undefined;
  }
}
