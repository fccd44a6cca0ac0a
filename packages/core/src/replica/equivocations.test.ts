/** An actor that writes two deltas in one place: replicas agree, the operator is told, and anybody can be shown it. */
import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { bytesToHex, createPrng, type Log, must } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { decodeEquivocation } from "../dag/equivocation.ts";
import { type AuthenticDelta, decodeDelta, encodeEquivocation, verifyEquivocation } from "../dag/index.ts";
import { Replica } from "./replica.ts";
import { Author, rootOf, statementEntry, testGenesis, testPorts } from "./testing.ts";

const crypto = createCrypto();
const founder = crypto.createSigner(createPrng(1).bytes(32));
const genesis = testGenesis(founder, 1);

function fork() {
  const decoded = decodeDelta(crypto, genesis.context, genesis.bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const liar = new Author(genesis.context, crypto.createSigner(createPrng(2).bytes(32)), 2);
  const member = liar.signer.publicKey;
  const entries = [statementEntry({ kind: "add", member, role: "writer", nonce: new Uint8Array(16) })];
  const base = new Author(genesis.context, founder, 3).write([decoded.value as unknown as AuthenticDelta], { entries });
  const first = liar.write([base]);
  const say = (value: number) => {
    const stamp = first.stamp + 10;
    const said = [liar.entry(stamp, (t) => t.field("register", "r").set(value))];
    return liar.write([first], { after: first, stamp, entries: said });
  };
  const [left, right] = [say(1), say(2)];
  return { liar, base, first, left, right, onLeft: liar.write([left], { after: left }) };
}

async function open(seed: number) {
  const told: string[] = [];
  const log: Log = { log: (_level, event) => void told.push(event) };
  const ports = Object.assign(testPorts(createMemoryStore(), seed), { log });
  const opened = await Replica.open(ports, { context: genesis.context, signer: founder, place: "here" });
  if (!opened.ok) throw new Error(opened.error.message);
  return { replica: opened.value, ports, told };
}

it("is admitted on both sides, told once, and proven to anybody", async () => {
  const { liar, base, first, left, right, onLeft } = fork();
  const all = [genesis, base, first, left, right, onLeft].map(({ bytes }) => bytes);
  const [one, other] = [await open(10), await open(11)];
  one.replica.admitMany(all);
  other.replica.admitMany([...all].reverse());
  await Promise.all([one.replica.settled(), other.replica.settled()]);
  expect(rootOf(one.replica)).toBe(rootOf(other.replica));
  for (const { replica, told } of [one, other]) {
    const [found, ...more] = replica.equivocations();
    expect(more).toEqual([]);
    expect([bytesToHex(found!.member), bytesToHex(found!.actor)]).toEqual(
      [liar.signer.publicKey, liar.actor].map(bytesToHex),
    );
    expect(told.filter((event) => event === "replica.equivocation")).toHaveLength(1);
    const proof = replica.proveEquivocation(0);
    if (!proof.ok) throw new Error(proof.error.message);
    const verdict = verifyEquivocation(crypto, proof.value);
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict.ok && verdict.value.deltas.map(bytesToHex)).toEqual(
      [left, right].map(({ id }) => bytesToHex(id)).sort(),
    );
  }
  expect(one.replica.proveEquivocation(1)).toMatchObject({ ok: false, error: { code: "EQUIVOCATION_NOT_AT_HAND" } });
});

it("is told of after a reopening, also when a side is proven by a later delta alone", async () => {
  const { base, first, left, right, onLeft } = fork();
  const { replica, ports } = await open(10);
  const bad = left.bytes.slice();
  bad[bad.length - 1] = (bad[bad.length - 1] ?? 0) ^ 1;
  replica.admitMany([genesis.bytes, base.bytes, first.bytes, bad, onLeft.bytes, right.bytes]);
  await replica.close();
  const opened = await Replica.open(ports, { context: genesis.context, signer: founder, place: "here" });
  if (!opened.ok) throw new Error(opened.error.message);
  expect(opened.value.equivocations()).toHaveLength(1);
  const proof = opened.value.proveEquivocation(0);
  expect(proof.ok && verifyEquivocation(crypto, proof.value).ok).toBe(true);
});

it("cannot be said of an honest actor", () => {
  const { liar, base, first, left, right, onLeft } = fork();
  const other = new Author(genesis.context, createCrypto().createSigner(createPrng(9).bytes(32)), 9);
  const { context } = genesis;
  const { replica } = liar;
  const member = liar.signer.publicKey;
  const prove = (a: AuthenticDelta[], b: AuthenticDelta[], whose = member) => {
    const sides = [a, b].map((side) => side.map(({ bytes }) => bytes)) as [Uint8Array[], Uint8Array[]];
    return verifyEquivocation(crypto, encodeEquivocation({ context, member: whose, replica, sides }));
  };
  const [least, greatest] = [left, right].sort((a, b) => (bytesToHex(a.id) < bytesToHex(b.id) ? -1 : 1)) as [
    AuthenticDelta,
    AuthenticDelta,
  ];
  expect(prove([least], [greatest])).toMatchObject({ ok: true });
  const unproven = { ok: false, error: { code: "EQUIVOCATION_UNPROVEN" } };
  expect(prove([greatest], [least])).toMatchObject(unproven);
  expect(prove([left], [left])).toMatchObject(unproven);
  expect(prove([first], [onLeft])).toMatchObject(unproven);
  expect(prove([least], [greatest], other.signer.publicKey)).toMatchObject(unproven);
  const theirs = other.write([base]);
  expect(prove([theirs], [other.write([base], { after: undefined })])).toMatchObject(unproven);
  expect(verifyEquivocation(crypto, Uint8Array.of(1, 2))).toMatchObject({
    ok: false,
    error: { code: "EQUIVOCATION_MALFORMED" },
  });
});

it("has one encoding", () => {
  const { liar, left, right, onLeft } = fork();
  const { replica } = liar;
  const sides = [[left.bytes, onLeft.bytes], [right.bytes]] as const;
  const proof = { context: genesis.context, member: liar.signer.publicKey, replica, sides };
  const corpus = [encodeEquivocation(proof)];
  const report = fuzzDecoder({
    name: "equivocation",
    seed: 4,
    corpus,
    decode: decodeEquivocation,
    encode: encodeEquivocation,
  });
  expect(report.accepted).toBeGreaterThan(100);
  expect(verifyEquivocation(crypto, must(corpus[0], "one")).ok).toBe(bytesToHex(left.id) < bytesToHex(right.id));
});
