import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { bytesEqual, bytesToHex, concatBytes, contextId, hexToBytes, must, publicKey } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { decodeDelta, verifyDelta } from "./delta.ts";
import { decodeBody, encodeBody, SIGNATURE_BYTES } from "./envelope.ts";
import { DELTA_BYTES_MAX } from "./limits.ts";

interface Vector {
  readonly name: string;
  readonly context: string;
  readonly id: string;
  readonly actor: string;
  readonly sequence: number;
  readonly stamp: number;
  readonly parents: readonly string[];
  readonly prev: string | null;
  readonly bytes: string;
}

const read = (name: string) => {
  return JSON.parse(readFileSync(new URL(`../../../../fixtures/vectors/delta/${name}`, import.meta.url), "utf8"));
};
const valid = read("valid.json") as { readonly publicKey: string; readonly deltas: readonly Vector[] };
const invalid = read("invalid.json") as { readonly deltas: readonly Pick<Vector, "name" | "context" | "bytes">[] };
const fromHex = (hex: string): Uint8Array => must(hexToBytes(hex), "hexadecimal");
const crypto = createCrypto();
const member = publicKey(fromHex(valid.publicKey));

describe("a delta", () => {
  it.each(valid.deltas)("of the vectors decodes and verifies: $name", (vector) => {
    const decoded = decodeDelta(crypto, contextId(fromHex(vector.context)), fromHex(vector.bytes));
    if (!decoded.ok) throw new Error(decoded.error.message);
    const { id, actor, sequence, stamp, parents, prev } = decoded.value;
    expect({
      id: bytesToHex(id),
      actor: bytesToHex(actor),
      sequence,
      stamp,
      parents: parents.map(bytesToHex),
      prev: prev ? bytesToHex(prev) : null,
    }).toEqual({
      id: vector.id,
      actor: vector.actor,
      sequence: vector.sequence,
      stamp: vector.stamp,
      parents: vector.parents,
      prev: vector.prev,
    });
    expect(verifyDelta(crypto, decoded.value, member).ok).toBe(true);
  });

  it.each(invalid.deltas)("is refused: $name", ({ context, bytes }) => {
    expect(decodeDelta(crypto, contextId(fromHex(context)), fromHex(bytes))).toMatchObject({
      ok: false,
      error: { code: "DELTA_MALFORMED" },
    });
  });

  it("with any byte changed is malformed, or another delta whose signature does not verify", () => {
    for (const { context, bytes } of valid.deltas.slice(1)) {
      const original = fromHex(bytes);
      for (let at = 0; at < original.length; at++) {
        for (const mask of [1 << (at % 8), 0xff]) {
          const changed = original.slice();
          changed[at] = (changed[at] ?? 0) ^ mask;
          const decoded = decodeDelta(crypto, contextId(fromHex(context)), changed);
          if (decoded.ok) expect(verifyDelta(crypto, decoded.value, member).ok, `byte ${at}`).toBe(false);
        }
      }
    }
  });

  it("belongs to one context", () => {
    const [genesis, first] = valid.deltas;
    const other = contextId(new Uint8Array(32).fill(1));
    expect(decodeDelta(crypto, other, fromHex(genesis!.bytes)).ok).toBe(false);
    const moved = decodeDelta(crypto, other, fromHex(first!.bytes));
    if (!moved.ok) throw new Error(moved.error.message);
    expect(bytesToHex(moved.value.id)).not.toBe(first!.id);
    expect(verifyDelta(crypto, moved.value, member).ok).toBe(false);
  });

  it("is at most as large as its limit", () => {
    const body = must(decodeBody(bodyOf(valid.deltas[1]!)), "a body");
    const spare = DELTA_BYTES_MAX - encodeBody({ ...body, payload: new Uint8Array(DELTA_BYTES_MAX - 300) }).length;
    const sized = (bytes: number) => {
      const payload = new Uint8Array(DELTA_BYTES_MAX - 300 + spare - SIGNATURE_BYTES + bytes);
      return concatBytes(encodeBody({ ...body, payload }), new Uint8Array(SIGNATURE_BYTES));
    };
    const context = contextId(fromHex(valid.deltas[1]!.context));
    expect(sized(0)).toHaveLength(DELTA_BYTES_MAX);
    expect(decodeDelta(crypto, context, sized(0)).ok).toBe(true);
    expect(decodeDelta(crypto, context, sized(1)).ok).toBe(false);
  });

  it("has one encoding: what a mutated body decodes to encodes to the same bytes", () => {
    const corpus = valid.deltas.map(bodyOf);
    const report = fuzzDecoder({ name: "delta body", seed: 1, corpus, decode: decodeBody, encode: encodeBody });
    expect(report.accepted).toBeGreaterThan(0);
    expect(corpus.every((bytes) => bytesEqual(encodeBody(must(decodeBody(bytes), "valid")), bytes))).toBe(true);
  });
});

function bodyOf({ bytes }: Vector): Uint8Array {
  const all = fromHex(bytes);
  return all.subarray(0, all.length - SIGNATURE_BYTES);
}
