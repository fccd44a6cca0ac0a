/** HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869), over whichever SHA-256 there is. */
import { assert, concatBytes, EMPTY_BYTES } from "../base/index.ts";
import { type Crypto, SHA256_BYTES } from "./crypto.ts";
import { HKDF_OUTPUT_BYTES_MAX } from "./limits.ts";

const BLOCK_BYTES = 64;

type Hasher = Pick<Crypto, "sha256">;
/** Computes HMACs under one key: its two pads are made once. */
export type Hmac = (...parts: readonly Uint8Array[]) => Uint8Array;

export function createHmac(crypto: Hasher, key: Uint8Array): Hmac {
  const short = key.length > BLOCK_BYTES ? crypto.sha256(key) : key;
  const inner = new Uint8Array(BLOCK_BYTES).fill(0x36);
  const outer = new Uint8Array(BLOCK_BYTES + SHA256_BYTES).fill(0x5c);
  for (let i = 0; i < short.length; i++) {
    inner[i] = (short[i] as number) ^ 0x36;
    outer[i] = (short[i] as number) ^ 0x5c;
  }
  return (...parts) => {
    outer.set(crypto.sha256(concatBytes(inner, ...parts)), BLOCK_BYTES);
    return crypto.sha256(outer);
  };
}

export function hmacSha256(crypto: Hasher, key: Uint8Array, message: Uint8Array): Uint8Array {
  return createHmac(crypto, key)(message);
}

/** `length` bytes derived from `secret`; `info` names the purpose, so that no two purposes share a key. */
export function hkdfSha256(
  crypto: Hasher,
  secret: Uint8Array,
  options: { readonly salt?: Uint8Array; readonly info: Uint8Array; readonly length: number },
): Uint8Array {
  const { salt = EMPTY_BYTES, info, length } = options;
  assert(length <= HKDF_OUTPUT_BYTES_MAX, () => `HKDF gives at most ${HKDF_OUTPUT_BYTES_MAX} bytes, not ${length}`);
  const expand = createHmac(crypto, hmacSha256(crypto, salt, secret));
  const output = new Uint8Array(length);
  let block = EMPTY_BYTES;
  for (let at = 0, counter = 1; at < length; at += SHA256_BYTES, counter++) {
    block = expand(block, info, Uint8Array.of(counter));
    output.set(block.subarray(0, length - at), at);
  }
  return output;
}
