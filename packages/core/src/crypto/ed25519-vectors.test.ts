import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { bytesToHex, concatBytes, hexToBytes, must, utf8 } from "../base/index.ts";
import type { Crypto } from "./crypto.ts";
import { nobleCrypto } from "./noble-crypto.ts";
import { openNodeCrypto } from "./node-crypto.ts";

// The edge cases of Ed25519, after "Taming the many EdDSAs": built here from point arithmetic, kept as JSON for other
// implementations, and judged by both of ours.

const { Point } = ed25519;
const L = Point.Fn.ORDER;
const P = 2n ** 255n - 19n;
type PointValue = typeof Point.BASE;

interface Case {
  readonly name: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  readonly valid: boolean;
}

const seed = new Uint8Array(32).fill(7);
const secret = ed25519.utils.getExtendedPublicKey(seed).scalar;
const key = ed25519.getPublicKey(seed);
const keyPoint = Point.fromBytes(key);
const torsion = torsionPoint();
const cases = buildCases();

describe("Ed25519 verdicts", () => {
  it("are the stored vectors", async () => {
    await expect(`${JSON.stringify(cases, null, 2)}\n`).toMatchFileSnapshot(
      "../../../../fixtures/vectors/crypto/ed25519.json",
    );
  });

  const node = must(openNodeCrypto(), "tests run in Node");
  for (const crypto of [node, nobleCrypto]) {
    it(`are the same by ${crypto.name}`, () => {
      const verdicts = cases.map(({ name, ...rest }) => [name, verdict(crypto, rest)]);
      expect(verdicts).toEqual(cases.map(({ name, valid }) => [name, valid]));
    });
  }

  it("cover both sides of every rule", () => {
    expect(cases.filter(({ valid }) => valid).length).toBeGreaterThan(5);
    expect(cases.filter(({ valid }) => !valid).length).toBeGreaterThan(30);
  });
});

function verdict(crypto: Crypto, value: Omit<Case, "name">): boolean {
  const bytes = (text: string): Uint8Array => must(hexToBytes(text), "hex");
  return crypto.verify(bytes(value.publicKey), bytes(value.message), bytes(value.signature));
}

function buildCases(): readonly Case[] {
  const all: Case[] = [];
  const add = (
    name: string,
    valid: boolean,
    a: Uint8Array,
    message: Uint8Array,
    r: Uint8Array,
    s: Uint8Array,
  ): void => {
    all.push({
      name,
      publicKey: bytesToHex(a),
      message: bytesToHex(message),
      signature: bytesToHex(concatBytes(r, s)),
      valid,
    });
  };
  addOrdinary(add);
  addScalars(add);
  addSmallOrder(add);
  addMixedOrder(add);
  return all;
}

type Add = (name: string, valid: boolean, a: Uint8Array, message: Uint8Array, r: Uint8Array, s: Uint8Array) => void;

function addOrdinary(add: Add): void {
  const message = utf8("an ordinary message");
  const signature = ed25519.sign(message, seed);
  const r = signature.slice(0, 32);
  const s = signature.slice(32);
  add("valid", true, key, message, r, s);
  add("valid, empty message", true, key, new Uint8Array(0), ...halves(ed25519.sign(new Uint8Array(0), seed)));
  const rfc = ed25519.getPublicKey(
    must(hexToBytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"), "hex"),
  );
  const rfcSignature =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
  add("RFC 8032 7.1 test 1", true, rfc, new Uint8Array(0), ...halves(must(hexToBytes(rfcSignature), "hex")));
  add("another message", false, key, utf8("an ordinary messagf"), r, s);
  for (const bit of [0, 77, 254, 255]) {
    add(`bit ${bit} of the key flipped`, false, flipped(key, bit), message, r, s);
    add(`bit ${bit} of R flipped`, false, key, message, flipped(r, bit), s);
    add(`bit ${bit} of S flipped`, false, key, message, r, flipped(s, bit));
  }
  add("signature too short", false, key, message, r, s.slice(0, 31));
  add("signature too long", false, key, message, r, concatBytes(s, Uint8Array.of(0)));
  add("key too short", false, key.slice(0, 31), message, r, s);
  add("key too long", false, concatBytes(key, Uint8Array.of(0)), message, r, s);
  add("all zero signature", false, key, message, new Uint8Array(32), new Uint8Array(32));
  const offCurve = findOffCurve();
  add("key not on the curve", false, offCurve, message, r, s);
  add("R not on the curve", false, key, message, offCurve, s);
}

function addScalars(add: Add): void {
  const message = utf8("scalars");
  const [r, s] = halves(ed25519.sign(message, seed));
  const value = fromLittleEndian(s);
  add("S + L", false, key, message, r, littleEndian(value + L));
  for (const times of [2n, 4n, 8n, 14n]) add(`S + ${times} L`, false, key, message, r, littleEndian(value + times * L));
  add("S = L", false, key, message, r, littleEndian(L));
  add("S = 2^256 - 1", false, key, message, r, littleEndian(2n ** 256n - 1n));
  // With a chosen nonce, S comes out as the greatest scalar: valid, at the edge.
  const edge = signWith(Point.BASE.multiply(5n), key, message, (k) => mod(5n + k * secret));
  add("a nonce of 5", true, key, message, edge.r, edge.s);
}

function addSmallOrder(add: Add): void {
  const message = utf8("small order");
  for (const { encoded, name } of smallOrderEncodings()) {
    // R = [S]B - [k]A with A of small order: try nonces until k is a multiple of 8, so the equation itself holds.
    const r = Point.BASE.multiply(9n).toBytes();
    add(`A ${name}`, false, encoded, message, r, littleEndian(9n));
    for (let i = 0; i < 8; i++) {
      const nonce = BigInt(10 + i);
      add(
        `A ${name}, nonce ${nonce}`,
        false,
        encoded,
        message,
        Point.BASE.multiply(nonce).toBytes(),
        littleEndian(nonce),
      );
    }
    const k = challenge(encoded, key, message);
    add(`R ${name}`, false, key, message, encoded, littleEndian(mod(k * secret)));
    add(`A and R ${name}`, false, encoded, message, encoded, littleEndian(0n));
  }
  // y = 2..18 plus p: points of large order, encoded the long way.
  for (let y = 2n; y <= 18n; y++) {
    const encoded = littleEndian(P + y);
    add(`A with y = p + ${y}`, false, encoded, message, Point.BASE.toBytes(), littleEndian(1n));
    add(`R with y = p + ${y}`, false, key, message, encoded, littleEndian(1n));
  }
}

function addMixedOrder(add: Add): void {
  const mixed = keyPoint.add(torsion);
  const a = mixed.toBytes();
  const base = Point.BASE;
  const seen = new Set<string>();
  for (let nonce = 1n; seen.size < 4 && nonce < 2000n; nonce++) {
    const message = utf8(`mixed ${nonce}`);
    const r = base.multiply(nonce).toBytes();
    const full = fromLittleEndian(sha512(concatBytes(r, a, message)));
    const k = full % L;
    // Without the cofactor it holds when [k]T vanishes, for k as reduced mod L: unreduced it would be another verdict.
    const reduced = k % 8n === 0n;
    const unreduced = full % 8n === 0n;
    const name = `A of mixed order, k ${reduced ? "" : "not "}divisible by 8, unreduced ${unreduced ? "" : "not "}`;
    if (seen.has(name)) continue;
    seen.add(name);
    add(name, reduced, a, message, r, littleEndian(mod(nonce + k * secret)));
  }
  // R = rB + T: holds only with the cofactor.
  const message = utf8("mixed R");
  const r = base.multiply(11n).add(torsion);
  add("R of mixed order", false, key, message, ...parts(signWith(r, key, message, (k) => mod(11n + k * secret))));
  // A and R of mixed order whose torsion cancels: R = rB - kT.
  for (let nonce = 1n; nonce < 200n; nonce++) {
    const text = utf8(`cancelling ${nonce}`);
    const point = base.multiply(nonce).add(torsion);
    const made = signWith(point, a, text, (k) => mod(nonce + k * secret));
    if (made.k % 8n !== 7n) continue;
    add("A and R of mixed order that cancel", true, a, text, made.r, made.s);
    break;
  }
  const plain = utf8("mixed A, ordinary R");
  for (let nonce = 1n; nonce < 200n; nonce++) {
    const made = signWith(base.multiply(nonce), a, plain, (k) => mod(nonce + k * secret));
    if (made.k % 8n !== 4n) continue;
    add("A of mixed order, k = 4 mod 8", false, a, plain, made.r, made.s);
    break;
  }
}

function signWith(
  point: PointValue,
  a: Uint8Array,
  message: Uint8Array,
  scalar: (k: bigint) => bigint,
): { r: Uint8Array; s: Uint8Array; k: bigint } {
  const r = point.toBytes();
  const k = challenge(r, a, message);
  return { r, s: littleEndian(scalar(k)), k };
}

function parts(made: { r: Uint8Array; s: Uint8Array }): [Uint8Array, Uint8Array] {
  return [made.r, made.s];
}

function challenge(r: Uint8Array, a: Uint8Array, message: Uint8Array): bigint {
  return fromLittleEndian(sha512(concatBytes(r, a, message))) % L;
}

/** A point of order 8: some point times L. */
function torsionPoint(): PointValue {
  for (let y = 2n; ; y++) {
    try {
      const point = Point.fromBytes(littleEndian(y));
      const found = point.multiplyUnsafe(L - 1n).add(point);
      if (!found.double().double().is0()) return found;
    } catch {
      // Not on the curve: the next y.
    }
  }
}

/** All encodings of the 8 points of small order, the canonical ones and those with a long y or a needless sign. */
function smallOrderEncodings(): { encoded: Uint8Array; name: string }[] {
  const found = new Map<string, string>();
  let point = Point.ZERO;
  for (let i = 0; i < 8; i++) {
    const y = fromLittleEndian(point.toBytes()) & (2n ** 255n - 1n);
    for (const sign of [0n, 1n]) {
      found.set(bytesToHex(littleEndian(y + (sign << 255n))), `${i} T, sign ${sign}`);
      if (y < 19n) found.set(bytesToHex(littleEndian(y + P + (sign << 255n))), `${i} T, sign ${sign}, long y`);
    }
    point = point.add(torsion);
  }
  expect(found.size).toBe(14);
  return [...found].map(([hex, name]) => ({ encoded: must(hexToBytes(hex), "hex"), name: `of small order (${name})` }));
}

function findOffCurve(): Uint8Array {
  for (let y = 2n; ; y++) {
    try {
      Point.fromBytes(littleEndian(y));
    } catch {
      return littleEndian(y);
    }
  }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

function halves(signature: Uint8Array): [Uint8Array, Uint8Array] {
  return [signature.slice(0, 32), signature.slice(32)];
}

function mod(value: bigint): bigint {
  return ((value % L) + L) % L;
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
