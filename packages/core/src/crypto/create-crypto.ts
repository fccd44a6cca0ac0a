/** Picks the implementation: Node's where there is one, else noble. They agree on every input. */
import type { Signer } from "../base/index.ts";
import type { Crypto } from "./crypto.ts";
import { nobleCrypto } from "./noble-crypto.ts";
import { openNodeCrypto } from "./node-crypto.ts";

let picked: Crypto | undefined;

/** The same object each time, so that its imported keys are shared. */
export function createCrypto(): Crypto {
  picked ??= openNodeCrypto() ?? nobleCrypto;
  return picked;
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createCrypto().sha256(bytes);
}

/** A signer for a 32-byte secret key, which it copies. */
export function createSigner(crypto: Pick<Crypto, "createSigner">, secretKey: Uint8Array): Signer {
  return crypto.createSigner(secretKey);
}
