/** The ports of core, and the keys of members, for every suite: apart from `member.ts`, which loads the network. */
import type { Clock, Random, Scheduler, Signer } from "@dunlin/core/base";
import { type Crypto, createCrypto } from "@dunlin/core/crypto";

export const crypto: Crypto = createCrypto();
export const random: Random = { bytes: (length: number) => new Uint8Array(webcrypto(length)) };
export const clock: Clock = { now: () => Date.now() };
export const scheduler: Scheduler = {
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

function webcrypto(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

/** The key of a group's member, alike in every process. */
export function signerOf(index: number): Signer {
  return crypto.createSigner(seedOf(1, index));
}

/** Of 32 bytes, alike in every process. */
export function seedOf(kind: number, index: number): Uint8Array {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, index);
  seed[31] = kind;
  return seed;
}
