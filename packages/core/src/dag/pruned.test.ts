import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import {
  bytesEqual,
  bytesToHex,
  concatBytes,
  contextId,
  deltaId,
  hexToBytes,
  must,
  publicKey,
  type Stamp,
} from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { decodeDelta, pruneDelta, signDelta, verifyDelta } from "./delta.ts";
import { decodeBody, decodePruned, encodeBody, SIGNATURE_BYTES } from "./envelope.ts";
import { DELTA_BYTES_MAX, VOUCHING_BYTES_MAX } from "./limits.ts";
import { proveNamed, proveSigned } from "./proof.ts";

interface Vector {
  readonly name: string;
  readonly context: string;
  readonly id: string;
  readonly bytes: string;
  readonly sealed: boolean;
  readonly pruned?: string;
}

const url = new URL("../../../../fixtures/vectors/delta/valid.json", import.meta.url);
const valid = JSON.parse(readFileSync(url, "utf8")) as { publicKey: string; deltas: readonly Vector[] };
const fromHex = (hex: string): Uint8Array => must(hexToBytes(hex), "hexadecimal");
const crypto = createCrypto();
const member = publicKey(fromHex(valid.publicKey));
const sealed = valid.deltas.filter(({ pruned }) => pruned !== undefined);
const prunedOf = ({ pruned }: Vector): Uint8Array => fromHex(must(pruned, "it has a pruned form"));

describe("a pruned delta", () => {
  it("is what the vectors say, for what is sealed and for nothing else", () => {
    for (const vector of valid.deltas) {
      const pruned = pruneDelta(crypto, fromHex(vector.bytes));
      expect(pruned && bytesToHex(pruned), vector.name).toBe(vector.pruned);
      expect(pruned !== undefined, vector.name).toBe(vector.sealed);
    }
    expect(sealed.length).toBeGreaterThan(1);
  });

  it("proves its id and its author by itself, and says no more than its header", () => {
    for (const vector of sealed) {
      const context = contextId(fromHex(vector.context));
      const whole = decodeDelta(crypto, context, fromHex(vector.bytes));
      const pruned = decodeDelta(crypto, context, prunedOf(vector));
      if (!whole.ok || !pruned.ok) throw new Error(vector.name);
      const { isPruned, id, size } = pruned.value;
      expect({ isPruned, id: bytesToHex(id), size }).toEqual({ isPruned: true, id: vector.id, size: whole.value.size });
      expect(whole.value).toMatchObject({ isPruned: false, size: fromHex(vector.bytes).length });
      const verified = verifyDelta(crypto, pruned.value, member);
      if (!verified.ok) throw new Error(verified.error.message);
      expect(verified.value.payload).toBeUndefined();
      expect(verified.value.sealed).toBe(true);
    }
  });

  it("with any byte changed is malformed, or another delta whose signature does not verify", () => {
    for (const vector of sealed) {
      const original = prunedOf(vector);
      for (let at = 0; at < original.length; at++) {
        const changed = original.slice();
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
        const decoded = decodeDelta(crypto, contextId(fromHex(vector.context)), changed);
        if (decoded.ok) expect(verifyDelta(crypto, decoded.value, member).ok, `byte ${at}`).toBe(false);
      }
    }
  });

  it("has one encoding: a mutated one is refused, or holds all that its bytes say", () => {
    const corpus = sealed.map((vector) => prunedOf(vector).slice(0, -SIGNATURE_BYTES));
    const encode = (body: NonNullable<ReturnType<typeof decodePruned>>): Uint8Array => {
      const whole = encodeBody({ ...body, payload: new Uint8Array(body.payloadLength) });
      const head = whole.slice(0, whole.length - body.payloadLength);
      head[0] = body.head[0] as number;
      return concatBytes(head, body.payloadHash);
    };
    const report = fuzzDecoder({ name: "pruned delta", seed: 3, corpus, decode: decodePruned, encode });
    expect(report.accepted).toBeGreaterThan(0);
    expect(corpus.every((bytes) => bytesEqual(encode(must(decodePruned(bytes), "valid")), bytes))).toBe(true);
  });

  it("is refused when the whole would be too large", () => {
    const body = must(decodeBody(fromHex(must(sealed[0], "one").bytes).slice(0, -SIGNATURE_BYTES)), "a body");
    const sized = (length: number) => {
      const whole = encodeBody({ ...body, payload: new Uint8Array(length) });
      return must(pruneDelta(crypto, concatBytes(whole, new Uint8Array(SIGNATURE_BYTES))), "sealed");
    };
    const room = DELTA_BYTES_MAX - SIGNATURE_BYTES - encodeBody({ ...body, payload: new Uint8Array(70_000) }).length;
    const context = contextId(fromHex(must(sealed[0], "one").context));
    expect(decodeDelta(crypto, context, sized(70_000 + room)).ok).toBe(true);
    const over = sized(70_000 + room);
    // The length is the last of the head, before the hash and the signature: one byte more of payload.
    const at = over.length - SIGNATURE_BYTES - 32 - 3;
    over[at] = (over[at] as number) + 1;
    expect(decodeDelta(crypto, context, over).ok).toBe(false);
  });

  it("is vouched for as far as the whole is, and no further", () => {
    const signer = crypto.createSigner(new Uint8Array(32).fill(1));
    const context = contextId(new Uint8Array(32).fill(2));
    const parent = deltaId(new Uint8Array(32).fill(3));
    const shared = { epoch: undefined, cause: undefined, applicationVersion: undefined, extensions: [], sealed: true };
    const spanOf = (length: number) => {
      const payload = new Uint8Array(length);
      const first = { first: true, member: signer.publicKey, replica: new Uint8Array(16) } as const;
      const body = { ...shared, stamp: 5 as Stamp, parents: [parent], payload };
      const named = signDelta(crypto, signer, context, { ...body, author: first });
      const author = { first: false, actor: named.actor, sequence: 2, prev: named.id } as const;
      const naming = signDelta(crypto, signer, context, { ...body, author, stamp: 6 as Stamp });
      const [a, b] = [named, naming].map(({ bytes }) => {
        const decoded = decodeDelta(crypto, context, must(pruneDelta(crypto, bytes), "sealed"));
        if (!decoded.ok) throw new Error(decoded.error.message);
        return decoded.value;
      });
      const by = must(proveSigned(crypto, must(b, "two"), signer.publicKey), "signed");
      return proveNamed(must(a, "two"), by)?.span;
    };
    const spare = must(spanOf(VOUCHING_BYTES_MAX / 4), "near enough") - VOUCHING_BYTES_MAX / 2;
    expect(spanOf(Math.floor((VOUCHING_BYTES_MAX - spare) / 2))).toBeGreaterThan(VOUCHING_BYTES_MAX - 4);
    expect(spanOf(VOUCHING_BYTES_MAX / 2)).toBeUndefined();
  });
});
