/**
 * Which Ed25519 signatures are valid here: RFC 8032 without the cofactor, with every encoding strict.
 *
 *     signature = R (32 bytes) | S (32 bytes, little-endian)        k = SHA-512(R | A | message) mod L
 *     valid     = S < L,  A and R canonical,  A and R not of small order,  and  encode([S]B - [k]A) = R, byte for byte
 *
 * Libraries disagree on the edges (Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs", 2020), and one member
 * that accepts what another refuses splits the network. OpenSSL can only do the equation without the cofactor, so that
 * is the rule, and this file holds the checks that come before it. A key of mixed order is allowed: its signatures get
 * one verdict everywhere. Batch verification is ruled out, since it needs the cofactor to be consistent.
 *
 * Refused here: wrong lengths; S >= L; a y of A or R that is not below p; A or R among the 8 points of small order.
 */
import { bytesToHex, ID_BYTES } from "../base/index.ts";
import { SIGNATURE_BYTES } from "./crypto.ts";

/** The order of the base point, 2^252 + 27742317777372353535851937790883648493, little-endian. */
const ORDER: Uint8Array = Uint8Array.of(
  ...[0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14],
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10],
);
/** The field prime, 2^255 - 19, little-endian. */
const PRIME: Uint8Array = Uint8Array.of(0xed, ...new Array<number>(30).fill(0xff), 0x7f);

/** The y of the 8 points of small order, sign bit cleared: the identity, one of order 2, two of 4 and four of 8. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);
/** The first bytes of those: a point with another first byte needs no look at the set. */
const SMALL_ORDER_FIRST_BYTES: ReadonlySet<number> = new Set([0x01, 0xec, 0x00, 0x26, 0xc7]);

/** True when the forms of key and signature allow them to be valid; the equation is still to be checked. */
export function isStrictForm(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== ID_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  return isBelow(signature.subarray(32), ORDER) && isStrictPoint(publicKey) && isStrictPoint(signature.subarray(0, 32));
}

/** A canonical encoding of a y below p that is not one of small order; whether it is on the curve is not looked at. */
function isStrictPoint(encoded: Uint8Array): boolean {
  const y = encoded.slice();
  y[31] = (y[31] as number) & 0x7f;
  if (!isBelow(y, PRIME)) return false;
  return !(SMALL_ORDER_FIRST_BYTES.has(y[0] as number) && SMALL_ORDER_Y.has(bytesToHex(y)));
}

/** Both little-endian and of one length. Only public values come here, so the time it takes may depend on them. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = b.length - 1; i >= 0; i--) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
