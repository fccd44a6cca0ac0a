import { expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { createPrng, type DeltaId, idKey, type PublicKey, type Stamp } from "../base/index.ts";
import { decodePayload, encodePayload, type PayloadEntry } from "./payload.ts";
import { decodeIndex, decodeMeta, encodeIndex, encodeMeta, type IndexRow, type MetaRow } from "./rows.ts";

const prng = createPrng(3);
const id = (): DeltaId => prng.bytes(32) as DeltaId;

it("payloads have one encoding", () => {
  const call: PayloadEntry = { kind: "call", offset: 300, joins: prng.bytes(9), events: [] };
  const event = { kind: "Edited", data: prng.bytes(5), handler: "" };
  const told: PayloadEntry = { kind: "call", offset: 0, joins: new Uint8Array(0), events: [event, event] };
  const access: PayloadEntry = { kind: "access", statement: prng.bytes(20) };
  const corpus = [[call], [told, access], [call, told, call]].map(encodePayload);
  const report = fuzzDecoder({ name: "payload", seed: 4, corpus, decode: decodePayload, encode: encodePayload });
  expect(report.accepted).toBeGreaterThan(100);
});

it("summary rows have one encoding", () => {
  const base: MetaRow = {
    count: 900,
    applied: 900,
    heads: [3, 899],
    hashed: undefined,
    stampHigh: (2 ** 50) as Stamp,
    place: "a machine 1:2 /a/path",
    actor: undefined,
    churn: { written: 70, deleted: 3 },
  };
  const actor = { member: prng.bytes(32) as PublicKey, replica: prng.bytes(16), acknowledged: 17 };
  const corpus = [base, { ...base, actor, hashed: { count: 70, root: prng.bytes(32) } }].map(encodeMeta);
  const report = fuzzDecoder({ name: "summary row", seed: 5, corpus, decode: decodeMeta, encode: encodeMeta });
  expect(report.accepted).toBeGreaterThan(100);
});

it("index rows have one encoding", () => {
  const order = 70_000;
  const delta = id();
  const actor = prng.bytes(16) as IndexRow["header"]["actor"];
  const names = { id: delta, key: idKey(delta), actor, actorKey: idKey(actor), parents: [], parentKeys: [] };
  const header = {
    ...names,
    prev: undefined,
    prevKey: undefined,
    sequence: 4,
    stamp: (2 ** 50) as Stamp,
    member: undefined,
    cause: undefined,
    isPruned: true,
  };
  const rows: IndexRow[] = [
    {
      header,
      place: { parents: [1, 69_999], prev: 69_999, isSigned: false, isBare: false },
      claim: { statements: [], writes: true, isSealed: true, epoch: prng.bytes(32) as DeltaId },
    },
    {
      header: { ...header, member: prng.bytes(32) as PublicKey },
      place: { parents: [5], prev: undefined, isSigned: true, isBare: false },
      claim: { statements: [prng.bytes(8)], writes: false, isSealed: false, epoch: undefined },
    },
  ];
  const corpus = rows.map((row) => encodeIndex(order, row));
  const report = fuzzDecoder({
    name: "index row",
    seed: 6,
    corpus,
    decode: (bytes) => decodeIndex(order, bytes),
    encode: (row) => encodeIndex(order, row),
  });
  expect(report.accepted).toBeGreaterThan(100);
});
