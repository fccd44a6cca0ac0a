export { AEAD_OVERHEAD_BYTES, type Aead, createAead } from "./aead.ts";
export { AGREEMENT_KEY_BYTES, agree, agreementPublicKey } from "./agreement.ts";
export { createCrypto, createSigner, sha256 } from "./create-crypto.ts";
export {
  AEAD_KEY_BYTES,
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  type Crypto,
  type KeyPair,
  SEED_BYTES,
  SHA256_BYTES,
  type Sha256,
  SIGNATURE_BYTES,
} from "./crypto.ts";
export { createHmac, type Hmac, hkdfSha256, hmacSha256 } from "./hmac.ts";
export { nobleCrypto } from "./noble-crypto.ts";
export { openNodeCrypto } from "./node-crypto.ts";
export { BOX_BYTES, openBox, sealBox, unwrapKey, wrapKey } from "./seal.ts";
export { Signed, type SignedParts, signAs, signed, type Verified, verifySigned, vouch } from "./signed.ts";
export { isBodySigned, signBody } from "./signed-body.ts";
