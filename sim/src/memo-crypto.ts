/**
 * Real signatures and shared secrets, each worked out once: a verdict is a function of key, message and signature, and
 * every node of a run asks for the same ones. What a key has signed verifies under it, and is not verified again.
 */
import { idKey, type Signer } from "@dunlin/core/base";
import { type Crypto, createCrypto } from "@dunlin/core/crypto";
import { VERDICTS_MAX } from "./limits.ts";

const crypto = createCrypto();
const verdicts = new Map<string, boolean>();

export const memoCrypto: Crypto = {
  ...crypto,
  createSigner: (secretKey) => memoSigner(crypto.createSigner(secretKey)),
  verify: (publicKey, message, signature) => {
    const name = nameOf(publicKey, message, signature);
    const known = verdicts.get(name);
    if (known !== undefined) return known;
    const verdict = crypto.verify(publicKey, message, signature);
    remember(name, verdict);
    return verdict;
  },
};

function memoSigner(signer: Signer): Signer {
  const secretByOther = new Map<string, Uint8Array | undefined>();
  return {
    publicKey: signer.publicKey,
    sign: (message) => {
      const signature = signer.sign(message);
      remember(nameOf(signer.publicKey, message, signature), true);
      return signature;
    },
    agree: (other) => {
      const name = idKey(other);
      if (!secretByOther.has(name)) secretByOther.set(name, signer.agree(other));
      return secretByOther.get(name)?.slice();
    },
  };
}

function nameOf(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): string {
  return idKey(message) + idKey(signature) + idKey(publicKey);
}

function remember(name: string, verdict: boolean): void {
  if (verdicts.size >= VERDICTS_MAX) verdicts.clear();
  verdicts.set(name, verdict);
}
