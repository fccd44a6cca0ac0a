import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import type { ActorId, ApplicationId, DeltaId, PublicKey } from "../base/index.ts";
import { BOX_BYTES } from "../crypto/index.ts";
import { EPOCH_MEMBERS_MAX, EPOCHS_WRAPPED_MAX } from "./limits.ts";
import { decodeStatement, encodeStatement, type Statement } from "./statement.ts";

const id = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const member = (n: number): PublicKey => id(n) as PublicKey;
const box = new Uint8Array(BOX_BYTES).fill(7);
const numbered = (n: number): Uint8Array => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
};

const statements: Statement[] = [
  { kind: "genesis", application: id(4) as ApplicationId, seed: new Uint8Array(16) },
  { kind: "add", member: member(1), role: "reader", nonce: new Uint8Array(16) },
  { kind: "role", member: member(1), role: "admin" },
  { kind: "remove", member: member(1) },
  { kind: "retire", actor: new Uint8Array(16).fill(1) as ActorId },
  { kind: "dormant", actor: new Uint8Array(16).fill(2) as ActorId },
  { kind: "awake", actor: new Uint8Array(16).fill(3) as ActorId },
  {
    kind: "epoch",
    keyHash: id(9),
    boxes: [
      { member: member(1), box },
      { member: member(2), box },
    ],
    wrapped: [{ epoch: id(8) as DeltaId, wrapped: box }],
  },
  { kind: "hand", epoch: id(8) as DeltaId, member: member(3), box },
  { kind: "ask", epoch: id(8) as DeltaId },
  { kind: "upgrade", application: id(5) as ApplicationId },
];

const epoch = (members: number, epochs: number): Statement => ({
  kind: "epoch",
  keyHash: id(9),
  boxes: Array.from({ length: members }, (_, i) => ({ member: numbered(i) as PublicKey, box })),
  wrapped: Array.from({ length: epochs }, (_, i) => ({ epoch: numbered(i) as DeltaId, wrapped: box })),
});

describe("a statement", () => {
  it("has one encoding", () => {
    const corpus = statements.map(encodeStatement);
    expect(corpus.map(decodeStatement)).toEqual(statements);
    const options = { name: "statement", seed: 1, corpus, decode: decodeStatement, encode: encodeStatement };
    expect(fuzzDecoder(options).accepted).toBeGreaterThan(0);
  });

  it("names its members in order, and no more than may be", () => {
    const [first, second] = [member(1), member(2)].map((of) => ({ member: of, box }));
    const unordered = { kind: "epoch", keyHash: id(9), wrapped: [] } as const;
    expect(decodeStatement(encodeStatement({ ...unordered, boxes: [second!, first!] }))).toBeUndefined();
    expect(decodeStatement(encodeStatement({ ...unordered, boxes: [first!, first!] }))).toBeUndefined();
    expect(decodeStatement(encodeStatement(epoch(EPOCH_MEMBERS_MAX, EPOCHS_WRAPPED_MAX)))).toBeDefined();
    expect(decodeStatement(encodeStatement(epoch(EPOCH_MEMBERS_MAX + 1, 0)))).toBeUndefined();
    expect(decodeStatement(encodeStatement(epoch(1, EPOCHS_WRAPPED_MAX + 1)))).toBeUndefined();
  });
});
