/**
 * Real signatures, each checked once: a verdict is a function of key, message and signature, and every node of a run
 * asks for the same ones.
 */
import { idKey } from "@dunlin/core/base";
import { type Crypto, createCrypto } from "@dunlin/core/crypto";
import { VERDICTS_MAX } from "./limits.ts";

const crypto = createCrypto();
const verdicts = new Map<string, boolean>();

export const memoCrypto: Crypto = {
  ...crypto,
  verify: (publicKey, message, signature) => {
    const name = idKey(message) + idKey(signature) + idKey(publicKey);
    const known = verdicts.get(name);
    if (known !== undefined) return known;
    const verdict = crypto.verify(publicKey, message, signature);
    if (verdicts.size >= VERDICTS_MAX) verdicts.clear();
    verdicts.set(name, verdict);
    return verdict;
  },
};
