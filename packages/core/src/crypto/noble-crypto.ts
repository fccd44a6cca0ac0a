/** `Crypto` by the noble libraries: wherever there is no Node, and as the second opinion in tests. */
import { gcm } from "@noble/ciphers/aes.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { assert, bytesEqual, concatBytes, publicKey, type Signer } from "../base/index.ts";
import { agreeAsIdentity } from "./agreement.ts";
import { AEAD_TAG_BYTES, type Crypto, SEED_BYTES } from "./crypto.ts";
import { isStrictForm } from "./ed25519-rules.ts";

const { Point } = ed25519;

export const nobleCrypto: Crypto = {
  name: "noble",
  sha256: (bytes) => sha256(bytes),
  createSha256: () => sha256.create(),
  generateKey: (seed) => {
    assertSeed(seed);
    return { secretKey: seed.slice(), publicKey: publicKey(ed25519.getPublicKey(seed)) };
  },
  sign: (secretKey, message) => createSigner(secretKey).sign(message),
  createSigner,
  verify: (key, message, signature) => isStrictForm(key, signature) && holdsWithoutCofactor(key, message, signature),
  aesGcmSeal: (key, nonce, header, plaintext) => gcm(key, nonce, header).encrypt(plaintext),
  aesGcmOpen: (key, nonce, header, sealed) => {
    if (sealed.length < AEAD_TAG_BYTES) return undefined;
    try {
      return gcm(key, nonce, header).decrypt(sealed);
    } catch {
      return undefined;
    }
  },
};

function createSigner(secretKey: Uint8Array): Signer {
  assertSeed(secretKey);
  const secret = secretKey.slice();
  return {
    publicKey: publicKey(ed25519.getPublicKey(secret)),
    sign: (message) => ed25519.sign(message, secret),
    agree: (other) => agreeAsIdentity(secret, other),
  };
}

/** noble's own `verify` multiplies by the cofactor, which OpenSSL does not; so the equation is checked here. */
function holdsWithoutCofactor(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const r = signature.subarray(0, 32);
  try {
    const a = Point.fromBytes(key);
    const k = littleEndian(sha512(concatBytes(r, key, message))) % Point.Fn.ORDER;
    const s = littleEndian(signature.subarray(32));
    const expected = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
    return bytesEqual(expected.toBytes(), r);
  } catch {
    // The key is not on the curve.
    return false;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}

function assertSeed(seed: Uint8Array): void {
  assert(seed.length === SEED_BYTES, () => `a secret key has ${SEED_BYTES} bytes, not ${seed.length}`);
}
