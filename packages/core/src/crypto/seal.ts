/**
 * A 32-byte key sealed to one identity, or under another key.
 *
 *     box     = AEAD(HKDF-SHA-256(shared secret, info "dunlin/box/1"), header, key)      60 bytes
 *     wrapped = AEAD(other key, header, key)                                             60 bytes
 *     shared secret = X25519 of the sealer's and the recipient's key, which are their Ed25519 keys as Montgomery points
 *
 * An identity thus needs no second key, and a box says who sealed it: nobody but the two can make or open it. The AEAD's
 * nonce is synthetic and the header binds what the key is for, so nothing here is random. There is no forward secrecy:
 * who takes an identity's secret opens all boxes that were ever sealed to it.
 *
 * Refused when opening: another sealer, recipient, header or key; an identity that is no point of full order.
 */
import { assert, type PublicKey, type Signer, utf8 } from "../base/index.ts";
import { type Aead, createAead } from "./aead.ts";
import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, AEAD_TAG_BYTES, type Crypto } from "./crypto.ts";
import { hkdfSha256 } from "./hmac.ts";

export const BOX_BYTES: number = AEAD_NONCE_BYTES + AEAD_KEY_BYTES + AEAD_TAG_BYTES;
const INFO = utf8("dunlin/box/1");

/** Undefined when the recipient's key is refused. */
export function sealBox(
  crypto: Crypto,
  sealer: Signer,
  recipient: PublicKey,
  header: Uint8Array,
  key: Uint8Array,
): Uint8Array | undefined {
  return between(crypto, sealer, recipient)?.seal(header, checked(key));
}

/** The key; undefined when `sealer` did not seal this box to this recipient with this header. */
export function openBox(
  crypto: Crypto,
  recipient: Signer,
  sealer: PublicKey,
  header: Uint8Array,
  box: Uint8Array,
): Uint8Array | undefined {
  return box.length === BOX_BYTES ? between(crypto, recipient, sealer)?.open(header, box) : undefined;
}

export function wrapKey(under: Aead, header: Uint8Array, key: Uint8Array): Uint8Array {
  return under.seal(header, checked(key));
}

export function unwrapKey(under: Aead, header: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  return wrapped.length === BOX_BYTES ? under.open(header, wrapped) : undefined;
}

function between(crypto: Crypto, own: Signer, other: PublicKey): Aead | undefined {
  const secret = own.agree(other);
  return secret && createAead(crypto, hkdfSha256(crypto, secret, { info: INFO, length: AEAD_KEY_BYTES }));
}

function checked(key: Uint8Array): Uint8Array {
  assert(key.length === AEAD_KEY_BYTES, () => `a key has ${AEAD_KEY_BYTES} bytes, not ${key.length}`);
  return key;
}
