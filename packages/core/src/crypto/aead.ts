/**
 * Authenticated encryption with a synthetic nonce: AES-256-GCM whose nonce is derived from key, header and plaintext.
 *
 *     sealed = nonce (12) | ciphertext (as long as the plaintext) | tag (16)
 *     nonce  = HMAC-SHA-256(nonce key, length of header as u32 | header | plaintext), its first 12 bytes
 *     cipher and nonce key = HKDF-SHA-256(key, info "dunlin/aead/v1"), 32 bytes each
 *
 * Invariant: a nonce repeats only with the same header and plaintext, which gives the same bytes again; so a restored
 * backup or a replay cannot break the cipher, and nothing here is random. What that tells an onlooker is that two
 * sealed messages are equal. Under one key at most 2^32 messages, where the odds of a collision are still 2^-33.
 *
 * Refused when opening: a bad tag, and a nonce that is not the derived one (so that one plaintext has one sealed form).
 * After Rogaway and Shrimpton, "Deterministic Authenticated-Encryption" (2006), with GCM beneath.
 */
import { assert, bytesEqual, concatBytes, utf8, Writer } from "../base/index.ts";
import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, AEAD_TAG_BYTES, type Crypto } from "./crypto.ts";
import { createHmac, hkdfSha256 } from "./hmac.ts";

export const AEAD_OVERHEAD_BYTES: number = AEAD_NONCE_BYTES + AEAD_TAG_BYTES;
const INFO = utf8("dunlin/aead/v1");

export interface Aead {
  /** The header is authenticated, not contained. */
  seal(header: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext; undefined when the bytes were not sealed under this key with this header. */
  open(header: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

export function createAead(crypto: Crypto, key: Uint8Array): Aead {
  assert(key.length === AEAD_KEY_BYTES, () => `an AEAD key has ${AEAD_KEY_BYTES} bytes, not ${key.length}`);
  const derived = hkdfSha256(crypto, key, { info: INFO, length: 2 * AEAD_KEY_BYTES });
  const cipherKey = derived.slice(0, AEAD_KEY_BYTES);
  const hmac = createHmac(crypto, derived.subarray(AEAD_KEY_BYTES));
  const nonceFor = (header: Uint8Array, plaintext: Uint8Array): Uint8Array =>
    hmac(new Writer(4).u32(header.length).view(), header, plaintext).slice(0, AEAD_NONCE_BYTES);
  return {
    seal: (header, plaintext) => {
      const nonce = nonceFor(header, plaintext);
      return concatBytes(nonce, crypto.aesGcmSeal(cipherKey, nonce, header, plaintext));
    },
    open: (header, sealed) => {
      if (sealed.length < AEAD_OVERHEAD_BYTES) return undefined;
      const nonce = sealed.subarray(0, AEAD_NONCE_BYTES);
      const plaintext = crypto.aesGcmOpen(cipherKey, nonce, header, sealed.subarray(AEAD_NONCE_BYTES));
      if (plaintext === undefined) return undefined;
      return bytesEqual(nonce, nonceFor(header, plaintext)) ? plaintext : undefined;
    },
  };
}
