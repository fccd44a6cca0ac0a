import { describe, expect, it } from "vitest";
import {
  AssertionError,
  bytesToHex,
  concatBytes,
  createPrng,
  deltaId,
  EMPTY_BYTES,
  hexToBytes,
  must,
  utf8,
} from "../base/index.ts";
import { createAead } from "./aead.ts";
import { createCrypto, createSigner, sha256 } from "./create-crypto.ts";
import { hkdfSha256, hmacSha256 } from "./hmac.ts";
import { IMPORTED_KEYS_MAX } from "./limits.ts";
import { nobleCrypto } from "./noble-crypto.ts";
import { openNodeCrypto } from "./node-crypto.ts";
import { signAs, signed, verifySigned } from "./signed.ts";

const node = must(openNodeCrypto(), "tests run in Node");
const hex = (text: string): Uint8Array => must(hexToBytes(text), "hex");

describe.each([node, nobleCrypto])("$name", (crypto) => {
  it("hashes as FIPS 180 says", () => {
    expect(bytesToHex(crypto.sha256(utf8("abc")))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    const parts = crypto.createSha256().update(utf8("a")).update(utf8("bc"));
    expect(parts.digest()).toEqual(crypto.sha256(utf8("abc")));
  });

  it("computes HMAC and HKDF as RFC 4231 and RFC 5869 say", () => {
    const hmac = hmacSha256(crypto, utf8("Jefe"), utf8("what do ya want for nothing?"));
    expect(bytesToHex(hmac)).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    const long = hmacSha256(
      crypto,
      new Uint8Array(131).fill(0xaa),
      utf8("Test Using Larger Than Block-Size Key - Hash Key First"),
    );
    expect(bytesToHex(long)).toBe("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    const okm = hkdfSha256(crypto, new Uint8Array(22).fill(0x0b), {
      salt: hex("000102030405060708090a0b0c"),
      info: hex("f0f1f2f3f4f5f6f7f8f9"),
      length: 42,
    });
    expect(bytesToHex(okm)).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
    expect(() => hkdfSha256(crypto, EMPTY_BYTES, { info: EMPTY_BYTES, length: 8161 })).toThrow(AssertionError);
  });

  it("encrypts as the GCM specification says", () => {
    // McGrew and Viega, test case 16.
    const key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    const nonce = hex("cafebabefacedbaddecaf888");
    const header = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const plaintext = hex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    const sealed = crypto.aesGcmSeal(key, nonce, header, plaintext);
    expect(bytesToHex(sealed)).toBe(
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
    );
    expect(crypto.aesGcmOpen(key, nonce, header, sealed)).toEqual(plaintext);
    expect(crypto.aesGcmOpen(key, nonce, header, sealed.subarray(0, 15))).toBeUndefined();
  });

  it("signs as RFC 8032 says, and gives plain byte arrays", () => {
    const seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    const pair = crypto.generateKey(seed);
    expect(bytesToHex(pair.publicKey)).toBe("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const signature = createSigner(crypto, seed).sign(Uint8Array.of(0x72));
    expect(bytesToHex(signature)).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    expect(crypto.sign(seed, Uint8Array.of(0x72))).toEqual(signature);
    expect(crypto.verify(pair.publicKey, Uint8Array.of(0x72), signature)).toBe(true);
    for (const bytes of [signature, pair.publicKey, crypto.sha256(seed), crypto.createSha256().digest()]) {
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    }
    expect(() => crypto.generateKey(seed.subarray(1))).toThrow(AssertionError);
  });

  it("keeps its own copy of a secret key", () => {
    const seed = new Uint8Array(32).fill(3);
    const signer = crypto.createSigner(seed);
    const before = signer.sign(EMPTY_BYTES);
    seed.fill(4);
    expect(signer.sign(EMPTY_BYTES)).toEqual(before);
  });
});

describe("both implementations", () => {
  it("give the same bytes for the same input", () => {
    const prng = createPrng(11);
    for (let i = 0; i < 40; i++) {
      const [key, header, plaintext] = [prng.bytes(32), prng.bytes(prng.below(40)), prng.bytes(prng.below(300))];
      const [ours, theirs] = [createAead(node, key), createAead(nobleCrypto, key)];
      const sealed = ours.seal(header, plaintext);
      expect(theirs.seal(header, plaintext)).toEqual(sealed);
      expect(theirs.open(header, sealed)).toEqual(plaintext);
      expect(ours.open(header, sealed)).toEqual(plaintext);
      expect(node.generateKey(key).publicKey).toEqual(nobleCrypto.generateKey(key).publicKey);
      expect(node.sha256(plaintext)).toEqual(nobleCrypto.sha256(plaintext));
    }
  });

  it("give the same verdict on mutated signatures", () => {
    const prng = createPrng(12);
    const pair = node.generateKey(prng.bytes(32));
    const message = prng.bytes(40);
    const signature = node.sign(pair.secretKey, message);
    for (let i = 0; i < 60; i++) {
      const key = i % 3 === 0 ? prng.bytes(32) : pair.publicKey.slice();
      const mutated = signature.slice();
      if (i % 3 !== 0) mutated[prng.below(64)] = prng.below(256);
      expect(nobleCrypto.verify(key, message, mutated)).toBe(node.verify(key, message, mutated));
    }
  });
});

describe("the AEAD", () => {
  const aead = createAead(node, new Uint8Array(32).fill(1));
  const sealed = aead.seal(utf8("header"), utf8("plaintext"));

  it("refuses every changed byte, another header and truncation", () => {
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice();
      changed[i]! ^= 1;
      expect(aead.open(utf8("header"), changed)).toBeUndefined();
    }
    expect(aead.open(utf8("Header"), sealed)).toBeUndefined();
    for (let i = 0; i < sealed.length; i++) expect(aead.open(utf8("header"), sealed.subarray(0, i))).toBeUndefined();
  });

  it("derives another nonce when bytes move between header and plaintext", () => {
    const nonces = ["", "a", "ab"].map((header) => {
      const bytes = aead.seal(utf8(header), utf8("ab".slice(header.length)));
      return bytesToHex(bytes.subarray(0, 12));
    });
    expect(new Set(nonces).size).toBe(3);
  });

  it("refuses a nonce of the sealer's own choice", () => {
    const key = new Uint8Array(32).fill(1);
    const cipherKey = hkdfSha256(node, key, { info: utf8("dunlin/aead/v1"), length: 64 }).subarray(0, 32);
    const nonce = new Uint8Array(12);
    const forged = concatBytes(nonce, node.aesGcmSeal(cipherKey, nonce, EMPTY_BYTES, utf8("x")));
    expect(node.aesGcmOpen(cipherKey, nonce, EMPTY_BYTES, forged.subarray(12))).toEqual(utf8("x"));
    expect(aead.open(EMPTY_BYTES, forged)).toBeUndefined();
  });
});

describe("createCrypto", () => {
  it("picks Node's here, and always the same object", () => {
    expect(createCrypto().name).toBe("node");
    expect(createCrypto()).toBe(createCrypto());
    expect(sha256(utf8("abc"))).toEqual(nobleCrypto.sha256(utf8("abc")));
  });

  it("verifies with more keys than it keeps", () => {
    const pair = node.generateKey(new Uint8Array(32).fill(9));
    const signature = node.sign(pair.secretKey, utf8("m"));
    expect(node.verify(pair.publicKey, utf8("m"), signature)).toBe(true);
    const other = pair.publicKey.slice();
    for (let i = 0; i <= IMPORTED_KEYS_MAX; i++) {
      new DataView(other.buffer).setUint32(4, i);
      node.verify(other, utf8("m"), signature);
    }
    expect(node.verify(pair.publicKey, utf8("m"), signature)).toBe(true);
  });
});

describe("Signed", () => {
  const signer = createSigner(node, new Uint8Array(32).fill(5));
  const id = deltaId(new Uint8Array(32));
  const message = utf8("dunlin/test: hello");

  it("gives its payload only when the signature is valid", () => {
    const signature = signer.sign(message);
    const payload = { text: "hello" };
    const whole = signed({ payload, id, message, signature, signer: signer.publicKey });
    expect(verifySigned(node, whole)).toBe(payload);
    const forged = signed({ payload, id, message: utf8("other"), signature, signer: signer.publicKey });
    expect(verifySigned(node, forged)).toBeUndefined();
  });

  it("shows nothing of an unchecked payload", () => {
    const unchecked = signed({ payload: "hidden", id, message, signature: EMPTY_BYTES, signer: signer.publicKey });
    expect(Object.keys(unchecked).sort()).toEqual(["id", "signer"]);
    expect(JSON.stringify(unchecked)).not.toContain("hidden");
  });

  it("takes what was signed here as verified", () => {
    const own = signAs(signer, message, (signature) => ({ signature }));
    expect(node.verify(signer.publicKey, message, own.signature)).toBe(true);
  });
});
