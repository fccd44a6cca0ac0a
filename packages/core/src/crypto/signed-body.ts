/**
 * A body with its signature behind it, to be handed on: `body | signature 64`, over SHA-256(domain | body). The domain
 * makes a signature of one kind worthless for another.
 */
import { concatBytes, type PublicKey, type Signer } from "../base/index.ts";
import { type Crypto, SIGNATURE_BYTES } from "./crypto.ts";

export function signBody(
  crypto: Pick<Crypto, "sha256">,
  signer: Signer,
  domain: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  return concatBytes(body, signer.sign(crypto.sha256(concatBytes(domain, body))));
}

/** Whether `by` signed it: of bytes that hold at least a signature. */
export function isBodySigned(
  crypto: Pick<Crypto, "sha256" | "verify">,
  domain: Uint8Array,
  bytes: Uint8Array,
  by: PublicKey,
): boolean {
  const body = bytes.subarray(0, bytes.length - SIGNATURE_BYTES);
  return crypto.verify(by, crypto.sha256(concatBytes(domain, body)), bytes.subarray(body.length));
}
