import { describe, expect, it } from "vitest";
import { createPrng, type PublicKey, utf8 } from "../base/index.ts";
import { createAead } from "./aead.ts";
import { createCrypto } from "./create-crypto.ts";
import { nobleCrypto } from "./noble-crypto.ts";
import { BOX_BYTES, openBox, sealBox, unwrapKey, wrapKey } from "./seal.ts";

const crypto = createCrypto();
const prng = createPrng(5);
const [ann, ben, eve] = [1, 2, 3].map(() => crypto.createSigner(prng.bytes(32))) as [
  ReturnType<typeof crypto.createSigner>,
  ReturnType<typeof crypto.createSigner>,
  ReturnType<typeof crypto.createSigner>,
];
const key = prng.bytes(32);
const header = utf8("what it is for");

describe("a box", () => {
  it("is opened by its recipient, and tells who sealed it", () => {
    const box = sealBox(crypto, ann, ben.publicKey, header, key)!;
    expect(box).toHaveLength(BOX_BYTES);
    expect(openBox(crypto, ben, ann.publicKey, header, box)).toEqual(key);
    expect(openBox(crypto, eve, ann.publicKey, header, box)).toBeUndefined();
    expect(openBox(crypto, ben, eve.publicKey, header, box)).toBeUndefined();
    expect(openBox(crypto, ben, ann.publicKey, utf8("something else"), box)).toBeUndefined();
    for (let at = 0; at < box.length; at++) {
      const damaged = Uint8Array.from(box.with(at, (box[at] as number) ^ 1));
      expect(openBox(crypto, ben, ann.publicKey, header, damaged)).toBeUndefined();
    }
    expect(openBox(crypto, ben, ann.publicKey, header, box.subarray(1))).toBeUndefined();
  });

  it("may be for its sealer", () => {
    const box = sealBox(crypto, ann, ann.publicKey, header, key)!;
    expect(openBox(crypto, ann, ann.publicKey, header, box)).toEqual(key);
  });

  it("is not made for a key that is no identity's", () => {
    const lowOrder = new Uint8Array(32).with(0, 1) as unknown as PublicKey;
    expect(sealBox(crypto, ann, Uint8Array.from(lowOrder) as PublicKey, header, key)).toBeUndefined();
    expect(sealBox(crypto, ann, new Uint8Array(32).fill(2) as PublicKey, header, key)).toBeUndefined();
  });

  it("is the same by either implementation", () => {
    const seed = new Uint8Array(32).fill(9);
    const [one, other] = [crypto.createSigner(seed), nobleCrypto.createSigner(seed)];
    const box = sealBox(crypto, one, ben.publicKey, header, key);
    expect(sealBox(nobleCrypto, other, ben.publicKey, header, key)).toEqual(box);
  });
});

describe("a wrapped key", () => {
  it("is opened under the key that it was wrapped with", () => {
    const [under, other] = [createAead(crypto, prng.bytes(32)), createAead(crypto, prng.bytes(32))];
    const wrapped = wrapKey(under, header, key);
    expect(wrapped).toHaveLength(BOX_BYTES);
    expect(unwrapKey(under, header, wrapped)).toEqual(key);
    expect(unwrapKey(other, header, wrapped)).toBeUndefined();
    expect(unwrapKey(under, utf8("x"), wrapped)).toBeUndefined();
    expect(unwrapKey(under, header, wrapped.subarray(1))).toBeUndefined();
  });
});
