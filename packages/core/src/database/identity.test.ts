import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import type { ContextId } from "../base/index.ts";
import { type DatabaseIdentity, decodeIdentity, encodeIdentity } from "./identity.ts";

const secretKey = new Uint8Array(32).fill(1);
const context = new Uint8Array(32).fill(2) as ContextId;
const identities: readonly DatabaseIdentity[] = [
  { secretKey, context, origin: { kind: "founded", genesis: Uint8Array.of(1, 2, 3) } },
  { secretKey, context, origin: { kind: "joined", bearerSecret: secretKey, invitation: Uint8Array.of(4, 5) } },
];

describe("a database's row", () => {
  it("is read as it was written, and nothing else is", () => {
    const corpus = identities.map(encodeIdentity);
    expect(corpus.map(decodeIdentity)).toEqual(identities);
    const report = fuzzDecoder({ name: "identity", seed: 81, corpus, decode: decodeIdentity, encode: encodeIdentity });
    expect(report.accepted).toBeGreaterThan(0);
  });
});
